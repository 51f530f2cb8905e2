"""Every write of this room. Signing in itself is in `sign_in`, what proves who somebody is in `factors` and `tills`."""

from dianke.access.operations.accounts import (
    change_account,
    change_password,
    create_account,
    disable_account,
    enable_account,
    issue_password_ticket,
    redeem_password_ticket,
    set_preferences,
    unlock_account,
)
from dianke.access.operations.factors import (
    add_passkey,
    add_totp,
    make_recovery_codes,
    remove_factor,
    rename_passkey,
    reset_factors,
    verify_code,
    verify_passkey,
)
from dianke.access.operations.keys import create_api_key, revoke_api_key
from dianke.access.operations.reveals import reveal_field
from dianke.access.operations.roles import (
    change_role,
    change_sign_in_policy,
    create_role,
    record_permission_review,
    set_second_factor_rule,
)
from dianke.access.operations.sign_in import (
    end_sessions,
    forget_old_records,
    note_refused_sign_in,
    open_session,
)
from dianke.access.operations.tills import (
    check_pin,
    enrol_device,
    remove_pin,
    rename_device,
    revoke_device,
    set_pin,
    unlock_pin,
)

__all__ = [
    "add_passkey",
    "add_totp",
    "change_account",
    "change_password",
    "change_role",
    "change_sign_in_policy",
    "check_pin",
    "create_account",
    "create_api_key",
    "create_role",
    "disable_account",
    "enable_account",
    "end_sessions",
    "enrol_device",
    "forget_old_records",
    "issue_password_ticket",
    "make_recovery_codes",
    "note_refused_sign_in",
    "open_session",
    "record_permission_review",
    "redeem_password_ticket",
    "remove_factor",
    "remove_pin",
    "rename_device",
    "rename_passkey",
    "reset_factors",
    "reveal_field",
    "revoke_api_key",
    "revoke_device",
    "set_pin",
    "set_preferences",
    "set_second_factor_rule",
    "unlock_account",
    "unlock_pin",
    "verify_code",
    "verify_passkey",
]
