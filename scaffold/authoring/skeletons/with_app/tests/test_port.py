"""The port on which the service listens."""


def test_the_answered_port_is_that_of_all_files(blueprint):
    """The code, the image and what Kubernetes is told agree."""
    rendered = blueprint.render(port=9000).text

    assert '"PORT", "9000"' in rendered
    assert "EXPOSE 9000" in rendered
    assert "8080" not in rendered
