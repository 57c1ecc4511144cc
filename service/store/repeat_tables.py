"""What waits to be linked, and on PostgreSQL the shared index of repeats; on SQLite the index is a file of its own.

The index holds numbers only: no text, and petitioners' names and phones as hashes keyed by the salt of `repeat_about`.
Vectors lie in a table that `repeat_vectors` makes: its width belongs to the encoder, its type to an extension.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from service.store.base import Base, BigKey


class LinkTask(Base):
    """A petition that was taken in and is not linked yet; the row goes with the links that are found."""

    __tablename__ = "link_tasks"

    petition_key: Mapped[int] = mapped_column(ForeignKey("petitions.key"), primary_key=True)


class RepeatAbout(Base):
    """One row: what the index was made with. `salt` keys the hashes; nothing but the index reads it."""

    __tablename__ = "repeat_about"

    key: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    fingerprint: Mapped[str] = mapped_column(String(300))
    """Format, tokeniser and widths; columns of another one cannot be compared."""
    salt: Mapped[bytes] = mapped_column(LargeBinary)


class RepeatRarity(Base):
    """In how many letters every word and bigram stood when the snapshot was taken."""

    __tablename__ = "repeat_rarity"

    epoch: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    letters: Mapped[int] = mapped_column(Integer)
    documents: Mapped[bytes] = mapped_column(LargeBinary)


class RepeatLetter(Base):
    """A petition of the index. `epoch` is the snapshot under which its telling words were chosen (0: before any)."""

    __tablename__ = "repeat_letters"

    petition_key: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    epoch: Mapped[int] = mapped_column(Integer, index=True)
    columns: Mapped[bytes] = mapped_column(LargeBinary)


class RepeatKey(Base):
    """Which petitions hold a key: a band of a text's fingerprint, or a particular that few letters share."""

    __tablename__ = "repeat_keys"

    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    petition_key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, index=True)
