"""The addresses of repos that git is told, and why others are refused."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffold.config.urls import (
    URL_PATTERN,
    problem_with_address,
    problem_with_url,
    split_userinfo,
)

TAKEN = (
    "https://git.example.com/acme/shop.git",
    "https://git.example.com:8443/acme/shop",
    "https://[2001:db8::1]/acme/shop.git",
    "http://127.0.0.1:3000/acme/shop.git",
    "http://localhost/acme/shop.git",
    "http://[::1]:3000/acme/shop.git",
    "ssh://git@git.example.com/acme/shop.git",
    "ssh://git.example.com:2222/~ann/shop.git",
    "git@git.example.com:acme/shop.git",
    "git.example.com:/srv/shop.git",
    "file:///home/ann/my forge/shop.git",
    "/srv/forge/shop.git",
)
FORM = "must be https://HOST/PATH"
REFUSED = {
    "--upload-pack=touch /tmp/x": "begins with `-`",
    "-u": "begins with `-`",
    "ext::sh -c touch% /tmp/x": "begins with `ext::`",
    "EXT::sh -c x": "begins with `EXT::`",
    "fd::17/shop": "begins with `fd::`",
    "https::https://git.example.com/a": "begins with `https::`",
    "~root/shop.git": "begins with `~`",
    "~/shop.git": "begins with `~`",
    "http://git.example.com/acme/shop.git": "must begin with https://",
    "http://127.0.0.1.example.com/shop.git": "must begin with https://",
    "git://git.example.com/shop.git": FORM,
    "ftp://git.example.com/shop.git": FORM,
    "ssh://-oProxyCommand=x/shop.git": FORM,
    "ssh://-oProxyCommand=x@host/shop.git": FORM,
    "git@-oProxyCommand=x:shop.git": FORM,
    "git@host:-shop": FORM,
    "file://relative/shop.git": FORM,
    "./shop.git": FORM,
    "../shop.git": FORM,
    "shop": FORM,
    "": FORM,
    "https://git.example.com": FORM,
    "https://git.example.com/a b": FORM,
    "https://git.example.com/a\n": FORM,
    "/srv/a\n--upload-pack=x": FORM,
}


@pytest.mark.parametrize("url", TAKEN)
def test_addresses_that_are_taken(url: str) -> None:
    """Over HTTPS and ssh, and of this machine."""
    assert (None, None) == (problem_with_url(url), problem_with_address(url))


@pytest.mark.parametrize(("url", "problem"), REFUSED.items())
def test_addresses_that_are_refused(url: str, problem: str) -> None:
    """Options, programs, protocols that anybody on the way can read, and relative places."""
    assert (problem_with_url(url) or "").startswith(problem)


@pytest.mark.parametrize("userinfo", ["bot:token", "token", ":token", "a:b@c"])
def test_credentials_have_no_place_in_a_file(userinfo: str) -> None:
    """A catalog's URL has none; one that copier recorded may."""
    url = f"https://{userinfo}@git.example.com/acme/shop.git"

    assert "has a user or a token in it; leave that to git's credential helper" == (
        problem_with_url(url)
    )
    assert problem_with_address(url) is None


@pytest.mark.parametrize(
    ("url", "split"),
    [
        ("https://bot:t%40ken@host/a", ("https://host/a", ("bot", "t@ken"))),
        ("https://token@host:1/a", ("https://host:1/a", ("token", None))),
        ("https://host/a@b", ("https://host/a@b", None)),
        ("ssh://git@host/a", ("ssh://git@host/a", None)),
        ("/srv/a@b", ("/srv/a@b", None)),
    ],
)
def test_what_is_in_a_url(url: str, split: object) -> None:
    """The address without the user and the token, and these."""
    assert split == split_userinfo(url)


@given(st.one_of(st.text(), st.from_regex(URL_PATTERN), st.sampled_from([*TAKEN, *REFUSED])))
def test_no_address_is_an_option_or_a_program(url: str) -> None:
    """Whatever passes begins with neither, and has no line of its own."""
    if problem_with_address(url) is None:
        assert not re.match(r"-|~|[A-Za-z0-9+.-]+::", url)
        assert not re.search(r"[\x00-\x1f]", url)
