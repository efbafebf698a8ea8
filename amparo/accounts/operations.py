"""Opening accounts, granting and ending mandates, and what the journal keeps of sign-ins."""

import re
import secrets
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from amparo.accounts.models import IncompatibleRoles, Mandate, Role, User
from amparo.accounts.roles import ADMINISTRATOR, ROLES, SYSTEM_ROLE, incompatible_roles
from amparo.journal.operations import record, record_without_mandate, salted_hash
from amparo.values import Access, Right, is_readable

LOCKED_OUT: Final = "accounts.locked_out"
SECOND_FACTOR_FAILED: Final = "accounts.second_factor_failed"
FIRST_PASSWORD_LASTS: Final = timedelta(days=7)
# Read aloud and copied by hand: without the letters and digits that are taken for one another.
_LEGIBLE: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_USERNAME: Final = re.compile("[a-z0-9][a-z0-9._-]{1,79}")


class UnableToCreateUser(Exception):
    """The account cannot be opened."""


class UnableToRenew(Exception):
    """The first password cannot be renewed."""


class UnableToGrant(Exception):
    """The mandate cannot be granted."""


class UnableToEnd(Exception):
    """The mandate cannot be ended."""


def install_roles(*, using: str) -> None:
    """Bring roles and what does not go together to what `accounts.roles` says; journal changes.

    using: the connection of the role that owns the tables. The application may read roles only:
    whoever could change what a role may do would need no mandate.
    """
    with transaction.atomic(using=using):
        _install_roles(using)


def _install_roles(using: str) -> None:
    changed = []
    for spec in ROLES:
        wanted = {
            "title": spec.title,
            "rights": sorted(right.value for right in spec.rights),
            "purposes": list(spec.purposes),
        }
        role, created = Role.objects.using(using).get_or_create(code=spec.code, defaults=wanted)
        if not created and any(getattr(role, name) != value for name, value in wanted.items()):
            Role.objects.using(using).filter(code=spec.code).update(**wanted)
            created = True
        if created:
            changed.append(spec.code)
    for pair in incompatible_roles():
        IncompatibleRoles.objects.using(using).get_or_create(
            first_id=pair.first, second_id=pair.second, defaults={"reason": pair.reason}
        )
    if changed:
        record_without_mandate(
            kind="accounts.roles_installed", details={"roles": changed}, using=using
        )


@transaction.atomic
def create_user(
    *,
    username: str,
    display_name: str,
    password: str | None,
    at: datetime,
    language: str = "en",
    is_system: bool = False,
) -> UUID:
    """Open an account. It can do nothing until a mandate is granted.

    password: None for an account that signs in by other means, or never. Raises UnableToCreateUser.
    """
    user = User(
        username=username,
        display_name=display_name,
        language=language,
        is_system=is_system,
        created_at=at,
    )
    if is_system and password is not None:
        raise UnableToCreateUser(_("A job of the system has no password: it never signs in."))
    if password is not None:
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise UnableToCreateUser(
                _("The password is not accepted: %(reasons)s")
                % {"reasons": " ".join(error.messages)}
            ) from error
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        raise UnableToCreateUser(
            _("The name “%(username)s” is taken. Choose another name to sign in with.")
            % {"username": username}
        ) from error
    record_without_mandate(
        kind="accounts.user_created",
        subject_kind="user",
        subject_id=user.id,
        details={"is_system": is_system},
    )
    return user.id


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSignIn:
    """What the owner of a new account signs in with the first time. password: kept nowhere."""

    user_id: UUID
    username: str
    password: str = field(repr=False)
    until: datetime


@sensitive_variables("password", "first")
@transaction.atomic
def open_account(
    *,
    username: str,
    display_name: str,
    language: str,
    role: str,
    starts_on: date,
    access: Access,
    at: datetime,
    ends_before: date | None = None,
) -> FirstSignIn:
    """Open an account together with its first mandate; return what its owner first signs in with.

    The password is made here, shown once by whoever calls, and replaced by the account's owner at
    the first sign-in. Raises UnableToCreateUser, UnableToGrant.
    """
    access.require(Right.MANDATE_GRANT)
    if not _USERNAME.fullmatch(username):
        raise UnableToCreateUser(
            _(
                "A sign-in name has 2 to 80 small letters without accents, digits, dots, dashes "
                "and underlines, and begins with a letter or digit."
            )
        )
    if not is_readable(display_name):
        raise UnableToCreateUser(_("An account needs the name of who signs in with it."))
    password = _new_first_password()
    user_id = create_user(
        username=username,
        display_name=" ".join(display_name.split()),
        password=password,
        language=language,
        at=at,
    )
    first = _keep_first_password(user_id, username, password, at)
    grant_mandate(
        user_id=user_id,
        role=role,
        starts_on=starts_on,
        ends_before=ends_before,
        access=access,
        at=at,
    )
    record(
        kind="accounts.account_opened",
        access=access,
        subject_kind="user",
        subject_id=user_id,
        details={"role": role},
    )
    return first


@sensitive_variables("password")
@transaction.atomic
def renew_first_password(*, username: str, access: Access, at: datetime) -> FirstSignIn:
    """Make another first password where the first was lost or has run out.

    Only while the account's owner has not chosen one of their own: nobody is given a way into an
    account that is in use. Raises UnableToRenew.
    """
    access.require(Right.MANDATE_GRANT)
    user = User.objects.select_for_update().filter(username=username, is_system=False).first()
    if user is None or user.first_password_until is None:
        raise UnableToRenew(
            _(
                "Nobody by this name is still to sign in for the first time. Whoever has chosen a "
                "password of their own keeps it."
            )
        )
    password = _new_first_password()
    user.set_password(password)
    user.save(update_fields=["password"])
    first = _keep_first_password(user.id, username, password, at)
    record(
        kind="accounts.first_password_renewed",
        access=access,
        subject_kind="user",
        subject_id=user.id,
    )
    return first


@transaction.atomic
def record_password_chosen(*, user_id: UUID) -> None:
    """Journal that an account's owner chose a password; a first password is over with it."""
    User.objects.filter(id=user_id).update(first_password_until=None)
    _record_session("accounts.password_chosen", user_id, {})


@transaction.atomic
def grant_mandate(
    *,
    user_id: UUID,
    role: str,
    starts_on: date,
    access: Access | None,
    at: datetime,
    ends_before: date | None = None,
) -> UUID:
    """Let a user act in a role from a day on (end excluded).

    access: None only for the very first mandate of an installation, whose grantor nobody could have
    appointed. Raises UnableToGrant: unknown role, incompatible with a role held, granted to
    oneself. The database refuses the same on its own.
    """
    if access is not None:
        access.require(Right.MANDATE_GRANT)
    user = _locked_user(user_id)
    _check_grant(user, role, access)
    _check_compatible(user, role, starts_on, ends_before)
    mandate = Mandate(
        id=uuid4(),
        user=user,
        role_id=role,
        starts_on=starts_on,
        ends_before=ends_before,
        granted_by_id=access.actor_id if access else None,
        granted_under_id=access.mandate_id if access else None,
        granted_at=at,
    )
    mandate.save(force_insert=True)
    details = {
        "mandate": mandate.id,
        "role": role,
        "starts_on": starts_on,
        "ends_before": ends_before,
    }
    if access is None:
        record_without_mandate(
            kind="accounts.installation_decision",
            subject_kind="user",
            subject_id=user_id,
            details=details,
        )
    else:
        record(
            kind="accounts.mandate_granted",
            access=access,
            subject_kind="user",
            subject_id=user_id,
            details=details,
        )
    return mandate.id


@transaction.atomic
def end_mandate(*, mandate_id: UUID, ends_before: date, access: Access, at: datetime) -> None:
    """End a mandate on a day, that day excluded; a mandate that ends already may only end earlier.

    It ends today at the earliest, for what was done under it was done with a right. The last
    administrator keeps theirs: nobody could appoint anybody any more. Raises UnableToEnd.
    """
    access.require(Right.MANDATE_GRANT)
    if ends_before < localdate(at):
        raise UnableToEnd(
            _("A mandate ends today at the earliest: what was done under it was done with a right.")
        )
    _refuse_last_administrator(mandate_id, ends_before)
    ended = (
        Mandate.objects.filter(id=mandate_id, starts_on__lte=ends_before)
        .filter(Q(ends_before=None) | Q(ends_before__gt=ends_before))
        .update(ends_before=ends_before)
    )
    if ended != 1:
        raise UnableToEnd(
            _(
                "No such mandate is in force before %(day)s, or it ends earlier already. "
                "Nothing was changed."
            )
            % {"day": ends_before}
        )
    record(
        kind="accounts.mandate_ended",
        access=access,
        subject_kind="mandate",
        subject_id=mandate_id,
        details={"ends_before": ends_before},
    )


@transaction.atomic
def choose_language(*, user_id: UUID, language: str) -> None:
    """Keep the language in which an account's owner reads: it stands at their next sign-in."""
    changed = User.objects.filter(id=user_id).exclude(language=language).update(language=language)
    if changed:
        record_without_mandate(
            kind="accounts.language_chosen",
            actor_id=user_id,
            subject_kind="user",
            subject_id=user_id,
            details={"language": language},
        )


@transaction.atomic
def record_sign_in(*, user_id: UUID, address: str) -> None:
    """Journal that somebody signed in. address: where from, kept as a salted hash."""
    _record_session("accounts.signed_in", user_id, {"address": salted_hash(text=address)})


@transaction.atomic
def record_sign_out(*, user_id: UUID) -> None:
    _record_session("accounts.signed_out", user_id, {})


@transaction.atomic
def record_failed_sign_in(*, username: str, address: str, locked_out: bool) -> None:
    """Journal an attempt that failed or was not let in any more; names stay readable to nobody."""
    details = {"username": salted_hash(text=username), "address": salted_hash(text=address)}
    user_id = User.objects.filter(username=username).values_list("id", flat=True).first()
    _record_session(LOCKED_OUT if locked_out else "accounts.sign_in_failed", user_id, details)


@transaction.atomic
def record_failed_second_factor(*, user_id: UUID, address: str, locked_out: bool) -> None:
    """Journal a wrong code after a right password, or one that was not looked at any more."""
    kind = LOCKED_OUT if locked_out else SECOND_FACTOR_FAILED
    _record_session(kind, user_id, {"address": salted_hash(text=address)})


def _new_first_password() -> str:
    """Make a password of about a hundred bits, in groups that are easily copied."""
    groups = ("".join(secrets.choice(_LEGIBLE) for _letter in range(5)) for _group in range(4))
    return "-".join(groups)


def _keep_first_password(user_id: UUID, username: str, password: str, at: datetime) -> FirstSignIn:
    until = at + FIRST_PASSWORD_LASTS
    User.objects.filter(id=user_id).update(first_password_until=until)
    return FirstSignIn(user_id=user_id, username=username, password=password, until=until)


def _refuse_last_administrator(mandate_id: UUID, ends_before: date) -> None:
    """Refuse to end the only administrator's mandate that has no end yet.

    All of them are locked: of two that end each other's at once, the second sees what is left.
    """
    lasting = Mandate.objects.select_for_update().filter(role_id=ADMINISTRATOR, ends_before=None)
    if {mandate.id for mandate in lasting} == {mandate_id}:
        raise UnableToEnd(
            _(
                "This is the only administrator's mandate without an end: after it nobody could "
                "grant any. Grant it to somebody else first."
            )
        )


def _record_session(kind: str, user_id: UUID | None, details: dict[str, str]) -> None:
    record_without_mandate(
        kind=kind, actor_id=user_id, subject_kind="user", subject_id=user_id, details=details
    )


def _locked_user(user_id: UUID) -> User:
    """Load the user and keep others from granting to them meanwhile."""
    user = User.objects.select_for_update(no_key=True).filter(id=user_id).first()
    if user is None:
        raise UnableToGrant(_("There is no such account. Open it first."))
    return user


def _check_grant(user: User, role: str, access: Access | None) -> None:
    if not Role.objects.filter(code=role).exists():
        raise UnableToGrant(
            _("There is no role “%(role)s”. Choose one of: %(roles)s.")
            % {"role": role, "roles": ", ".join(spec.code for spec in ROLES)}
        )
    if access is None and Mandate.objects.exists():
        raise UnableToGrant(
            _(
                "Only the first mandate of an installation is granted by nobody, and it exists. "
                "Sign in as the administrator to grant more."
            )
        )
    if access is not None and access.actor_id == user.id:
        raise UnableToGrant(_("Nobody grants a mandate to themselves. Ask another administrator."))
    if user.is_system != (role == SYSTEM_ROLE):
        raise UnableToGrant(
            _("Jobs of the system hold the role “%(role)s”, and nobody else does.")
            % {"role": SYSTEM_ROLE}
        )


def _check_compatible(user: User, role: str, starts_on: date, ends_before: date | None) -> None:
    held = Mandate.objects.filter(user=user).filter(
        Q(ends_before=None) | Q(ends_before__gt=starts_on)
    )
    if ends_before is not None:
        held = held.filter(starts_on__lt=ends_before)
    for code in held.values_list("role_id", flat=True):
        if code == role:
            raise UnableToGrant(
                _("This person holds the role “%(role)s” in that time already.") % {"role": role}
            )
        first, second = sorted((code, role))
        pair = IncompatibleRoles.objects.filter(first_id=first, second_id=second).first()
        if pair is not None:
            raise UnableToGrant(
                _(
                    "The roles “%(held)s” and “%(role)s” do not go together: %(reason)s "
                    "End the other mandate first, or choose another person."
                )
                % {"held": code, "role": role, "reason": _(pair.reason)}
            )
