"""What the doctor says about who carries codes and notices to customers."""

from __future__ import annotations

from collections.abc import Iterator

from dianke.config.doctor import Finding, State
from dianke.config.terminal import gettext as _


def messengers() -> Iterator[Finding]:
    """Who carries codes, who emails, and which notices nobody carries."""
    from django.conf import settings

    from dianke.core.messages import Channel, adapter_of
    from dianke.customers.rules.portal import CODE_OCCASION

    subject = _("Messages to customers")
    for channel, variable in ((Channel.SMS, "DIANKE_SMS"), (Channel.EMAIL, "DIANKE_EMAIL")):
        occasion = CODE_OCCASION if channel is Channel.SMS else ""
        chosen, adapter = settings.DIANKE_MESSENGERS.get(channel.value, ""), adapter_of(channel, occasion)
        found = f"{channel.value}: {adapter.name if adapter else chosen or '–'}"
        if adapter is None and chosen:
            remedy = _("No adapter has this name. Correct %s.") % variable
            yield Finding(State.ERROR, subject, found, remedy)
        elif adapter is None and channel is Channel.SMS:
            remedy = _(
                "Customers cannot register and sign in with their phones. Set up text messages under Settings,"
                " Channels, with the template of codes, or set %s."
            )
            yield Finding(State.WARNING, subject, found, remedy % variable)
        elif adapter is None:
            remedy = _("Set %s, or orders and reports cannot be sent by email.") % variable
            yield Finding(State.WARNING, subject, found, remedy)
        elif adapter.name == "console":
            remedy = _(
                "Codes stand in the log, so its readers can sign in as customers. Use it for trying only."
            )
            yield Finding(State.WARNING, subject, found, remedy)
        else:
            yield Finding(State.OK, subject, found)
    yield from _without_way()


def _without_way() -> Iterator[Finding]:
    """Notices that do not go out while codes do: the vendor has no template for them."""
    from dianke.core.messages import Channel, can_send, occasions
    from dianke.customers.rules.portal import CODE_OCCASION

    missing = [each for each in occasions() if not can_send(Channel.SMS, each.code)]
    if missing and can_send(Channel.SMS, CODE_OCCASION):
        names = ", ".join(str(each.label) for each in missing)
        remedy = _("Enter their templates under Settings, Channels, where customers should get them.")
        yield Finding(State.OK, _("Messages to customers"), _("SMS not sent: %s") % names, remedy)
