"""What Flux and Argo CD are told: files of the platform repo, a function of what it says."""
