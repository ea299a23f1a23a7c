#!/usr/bin/env python3
"""A real mail server (aiosmtpd) on loopback for tests: prints its port, then each mail that it takes as a line of JSON.

Takes mail from who signs in as `pilot` with the password `house`; refuses recipients at refused.example for good (550)
and those at busy.example for now (451).
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import json

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class Printer:
    async def handle_RCPT(  # noqa: N802 (aiosmtpd looks for this name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.endswith("@refused.example"):
            return "550 5.1.1 No such mailbox"
        if address.endswith("@busy.example"):
            return "451 4.3.2 Come again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        message = email.message_from_bytes(content, policy=email.policy.default)
        body = message.get_body(("plain",))
        text = body.get_content().replace("\r\n", "\n") if body else ""
        mail = {"from": message["from"], "to": envelope.rcpt_tos, "subject": message["subject"], "text": text}
        print(json.dumps(mail), flush=True)
        return "250 OK"


def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (b"pilot", b"house")
    return AuthResult(success=known)


def make_protocol() -> SMTP:
    return SMTP(Printer(), hostname="localhost", authenticator=check, auth_required=True, auth_require_tls=False)


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(make_protocol, "127.0.0.1", 0)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await server.serve_forever()


asyncio.run(main())
