"""Commits and release notes as parts of a command's document."""

from typing import TYPE_CHECKING, Any

from scaffold.documents.chain_outputs import CommitLine, ReleaseNotesPart, RepoNotesPart

if TYPE_CHECKING:
    from scaffold.chain.commits import CommitNote
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


def commit_fields(note: "CommitNote") -> dict[str, Any]:
    """What a document has of a commit."""
    return {
        "commit": note.id,
        "subject": note.subject,
        "author": note.author,
        "when": note.when,
        "page": note.page,
    }


def _lines(commits: "Commits") -> tuple[CommitLine, ...]:
    return tuple(CommitLine.model_validate(commit_fields(one)) for one in commits.listed)
