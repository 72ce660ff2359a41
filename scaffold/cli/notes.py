"""Release notes as a part of a command's document."""

from typing import TYPE_CHECKING

from scaffold.documents.chain_outputs import CommitLine, ReleaseNotesPart, RepoNotesPart

if TYPE_CHECKING:
    from scaffold.chain.notes import Commits, ReleaseNotes, RepoNotes


def notes_part(notes: "ReleaseNotes | None") -> ReleaseNotesPart | None:
    """What `--output json` has of release notes; None where there are none."""
    if notes is None:
        return None
    return ReleaseNotesPart(
        repos=tuple(_repo(one) for one in notes.repos),
        image_before=notes.image_before,
        image_after=notes.image_after,
        rendered="\n".join(notes.diff),
    )


def _repo(one: "RepoNotes") -> RepoNotesPart:
    return RepoNotesPart(
        repo=one.repo,
        name=one.name,
        old=one.old,
        new=one.new,
        commits=_lines(one.comes),
        more=one.comes.more,
        moves=one.comes.moves,
        taken_out=_lines(one.goes),
        more_taken_out=one.goes.more,
    )


def _lines(commits: "Commits") -> tuple[CommitLine, ...]:
    return tuple(
        CommitLine(
            commit=one.id, subject=one.subject, author=one.author, when=one.when, page=one.page
        )
        for one in commits.listed
    )
