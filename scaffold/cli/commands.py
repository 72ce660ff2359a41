"""The table of commands: name, summary and where each is; nothing of a command is loaded here."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Command:
    """A command; `target` is its function, as `module:name`, loaded when the command is called.

    `summary` is the first paragraph of that function's docstring.
    """

    target: str
    summary: str


@dataclass(frozen=True)
class Group:
    """Commands that are called by two words, and words for them that people guess.

    `guesses` maps a word that is no command to what does that; `default` is the command that takes
    such words itself, and is called without any, too.
    """

    summary: str
    commands: "Mapping[str, Command | Group]"
    guesses: Mapping[str, str] = field(default_factory=dict)
    default: str = ""


_RETIRE = "`scaffold retire SERVICE` takes a service away."
_STATUS = "`scaffold status` lists the services, `scaffold blueprint list` the blueprints."
_NEW = "`scaffold new service NAME` makes a service, `scaffold blueprint new` a blueprint."
_ROLLBACK = (
    "A rollback is a revert: `git revert` the bot's commit in the env repo and push it; the bot"
    " leaves it so."
)
_DEPLOY = (
    "The bot deploys what is merged; `scaffold promote SERVICE --to ENV` does not wait for it."
    " `scaffold pipeline deploy` is the step of a pipeline."
)
_CLONE = "`git clone` takes the URL of a repo, which `services/NAME.yml` in the platform repo has."

COMMANDS = Group(
    "Paired GitOps repos for Kubernetes services, from versioned blueprints.",
    {
        "init": Command(
            "scaffold.cli.init:init",
            "Make a platform: its repo, a forge in a folder, and the shipped blueprints.",
        ),
        "new": Group(
            "Make something new.",
            {
                "service": Command(
                    "scaffold.cli.new:service",
                    "Make the paired repos of a service and register it in the catalog.",
                ),
            },
            {"blueprint": "`scaffold blueprint new` makes a blueprint."},
        ),
        "upgrade": Command(
            "scaffold.cli.upgrade:upgrade",
            "Bring newer blueprint versions to repos, as merge requests that keep what owners"
            " changed.",
        ),
        "adopt": Command(
            "scaffold.cli.adopt:adopt",
            "Link a repo that was made by hand, or by cruft, to a blueprint, as a merge request.",
        ),
        "status": Command(
            "scaffold.cli.status:status",
            "Show services: owner, version, the code in each environment, and what is behind and"
            " why.",
        ),
        "drift": Command(
            "scaffold.cli.drift:drift",
            "Show what in repos is not as their version and answers render it, and why.",
        ),
        "promote": Command(
            "scaffold.cli.promote:promote",
            "Give an environment what the one before it has, and show what that changes.",
        ),
        "pause": Command(
            "scaffold.cli.promote:pause", "Let the bot leave a service alone, until --undo."
        ),
        "retire": Command(
            "scaffold.cli.retire:retire",
            "Take a service away: a merge request empties its environments, then the catalog"
            " follows.",
        ),
        "check": Command(
            "scaffold.cli.check:check", "Run every check of a repo, its own tests included."
        ),
        "doctor": Command(
            "scaffold.cli.doctor:doctor",
            "Say what is at hand, and how to get or mend what is not.",
        ),
        "blueprint": Group(
            "Blueprints: list, write, test and release them.",
            {
                "list": Command(
                    "scaffold.cli.blueprint_list:list_command",
                    "List the platform's blueprints, their versions, and how many services are on"
                    " each.",
                ),
                "new": Command(
                    "scaffold.cli.blueprint_new:new",
                    "Make a blueprint that works as it is, with tests, CI and docs.",
                ),
                "register": Command(
                    "scaffold.cli.blueprint_register:register_command",
                    "Put a blueprint on the forge and into platform.yml, so that services can be"
                    " made from it.",
                ),
                "import": Command(
                    "scaffold.cli.blueprint_import:import_command",
                    "Take a template in, as a blueprint of one repo, in one commit on its history.",
                ),
                "lint": Command(
                    "scaffold.cli.blueprint_lint:lint",
                    "Find what is wrong with a blueprint as it is in DIR, committed or not.",
                ),
                "test": Command(
                    "scaffold.cli.blueprint_trials:try_blueprint",
                    "Test the blueprint that lies in a folder, committed or not.",
                ),
                "preview": Command(
                    "scaffold.cli.blueprint_preview:preview",
                    "Say what releasing a blueprint as it is in DIR would do to the whole fleet.",
                ),
                "release": Command(
                    "scaffold.cli.blueprint_release:release",
                    "Release a blueprint: lint and test it, date the CHANGELOG, commit and tag.",
                ),
            },
            {
                "check": "`scaffold blueprint lint` and `scaffold blueprint test` check one.",
                "create": "`scaffold blueprint new` makes one.",
                "init": "`scaffold blueprint new` makes one.",
                "upgrade": "`scaffold upgrade --blueprint NAME` brings it to the fleet.",
            },
        ),
        "merge-request": Group(
            "Merge requests: list those of the fleet; show, merge, close and reopen one.",
            {
                "list": Command(
                    "scaffold.cli.merge_request:list_command",
                    "List the open merge requests of the fleet, or all of one repo, oldest first.",
                ),
                "show": Command(
                    "scaffold.cli.merge_request:show_command",
                    "Show one: its text and, while it is open, what it would change in main.",
                ),
                "merge": Command(
                    "scaffold.cli.merge_request:merge_command",
                    "Merge one into main; a draft is refused while files of it have conflict"
                    " markers.",
                ),
                "close": Command(
                    "scaffold.cli.merge_request:close_command",
                    "Turn one down; an upgrade to the same version is not proposed to the repo"
                    " again.",
                ),
                "reopen": Command(
                    "scaffold.cli.merge_request:reopen_command",
                    "Take one that was closed up again, as its branch is now.",
                ),
            },
            {
                "accept": "`scaffold merge-request merge REPO NUMBER` merges one.",
                "diff": "`scaffold merge-request show REPO NUMBER` shows what one changes.",
                "view": "`scaffold merge-request show REPO NUMBER` shows one.",
            },
        ),
        "bot": Group(
            "Copy commit references forward, from repo to repo and environment to environment.",
            {
                "run": Command(
                    "scaffold.cli.bot:run_command",
                    "Look at all services and move every pin that is behind and may move.",
                ),
                "serve": Command(
                    "scaffold.cli.bot:serve_command",
                    "Listen for webhooks of GitLab, GitHub and Gitea, and look at the service that"
                    " each is about.",
                ),
            },
            {"start": "`scaffold bot run` goes on until it is stopped; `--once` is one pass."},
        ),
        "access": Group(
            "Who has which role, and why; roles for a while. Without a command: show.",
            {
                "show": Command(
                    "scaffold.cli.access_show:show_command",
                    "Say who has which role for what, what gives it, and where git or the forge"
                    " differ.",
                ),
                "grant": Command(
                    "scaffold.cli.access_grant:grant_command",
                    "Give somebody a role in an environment for a while; the bot takes it back.",
                ),
                "revoke": Command(
                    "scaffold.cli.access_grant:revoke_command",
                    "Take back, before its time is over, what somebody was given for a while.",
                ),
                "log": Command(
                    "scaffold.cli.access_log:log_command",
                    "Say who gave whom a role for a while and why, and who took it back; newest"
                    " first.",
                ),
            },
            default="show",
        ),
        "platform": Group(
            "The platform repo: what is generated in it.",
            {
                "sync": Command(
                    "scaffold.cli.platform_sync:sync",
                    "Bring what is generated, and the rights on the forge, in step with"
                    " platform.yml.",
                ),
            },
            {"init": "`scaffold init` makes a platform."},
        ),
        "pipeline": Group(
            "The steps of generated pipelines, one command a step.",
            {
                "test": Command(
                    "scaffold.cli.pipeline:run_tests_command",
                    "Run a code repo's tests: `make test`.",
                ),
                "validate": Command(
                    "scaffold.cli.pipeline:validate_command",
                    "Run a repo's static checks; one that can't run counts as failed.",
                ),
                "image": Command(
                    "scaffold.cli.pipeline:image_command",
                    "Build and push a docker repo's image, unless the registry has it.",
                ),
                "changed": Command(
                    "scaffold.cli.pipeline:changed_command",
                    "Say which environments of an env repo a push changed, as a line of"
                    " GITHUB_OUTPUT.",
                ),
                "deploy": Command(
                    "scaffold.cli.pipeline:deploy_command",
                    "Make an environment what the env repo says: apply, prune, record.",
                ),
                "access": Command(
                    "scaffold.cli.pipeline:access_command",
                    "Apply each service's namespace, quota and roles, from the platform's repo.",
                ),
                "smoke": Command(
                    "scaffold.cli.pipeline_smoke:smoke_command",
                    "Wait until what was deployed is up, and ask it what smoke.yml declares, or"
                    " if it is ready.",
                ),
                "probe": Command(
                    "scaffold.cli.pipeline_probe:probe_command",
                    "Ask every environment of an env repo what smoke checks ask, and measure it.",
                ),
            },
            {"build": "`scaffold pipeline image` builds the image."},
        ),
    },
    {
        "clone": _CLONE,
        "create": _NEW,
        "delete": _RETIRE,
        "deploy": _DEPLOY,
        "destroy": _RETIRE,
        "diff": "`scaffold upgrade --dry-run --diff` shows what an upgrade changes.",
        "generate": _NEW,
        "grant": "`scaffold access grant` gives somebody a role for a while.",
        "lint": "`scaffold blueprint lint` looks at a blueprint, `scaffold check` at a repo.",
        "list": _STATUS,
        "ls": _STATUS,
        "mr": "`scaffold merge-request list REPO` lists merge requests.",
        "pr": "`scaffold merge-request list REPO` lists merge requests.",
        "preview": "`scaffold blueprint preview` shows what a release would do to the fleet.",
        "release": "`scaffold blueprint release` releases a blueprint.",
        "remove": _RETIRE,
        "resume": "`scaffold pause SERVICE --undo` lets the bot go on with it.",
        "revert": _ROLLBACK,
        "revoke": "`scaffold access revoke` takes back what was given for a while.",
        "rm": _RETIRE,
        "rollback": _ROLLBACK,
        "run": "`scaffold bot run` copies commit references forward.",
        "serve": "`scaffold bot serve` listens for webhooks.",
        "service": _NEW,
        "services": _STATUS,
        "sync": "`scaffold platform sync` brings the platform repo in step, `scaffold bot run"
        " --once` moves what is behind, `scaffold upgrade` blueprints.",
        "test": "`scaffold check` tests a repo, `scaffold blueprint test` a blueprint.",
        "undo": _ROLLBACK,
        "update": "`scaffold upgrade` brings newer blueprint versions to repos.",
        "validate": "`scaffold check` runs the checks of a repo.",
    },
)
