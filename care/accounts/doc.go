// Package accounts owns who may sign in: tenants, users with their passwords, second
// factors and sessions, roles, and tokens; what they have granted to which clients by
// OAuth; and what a tenant has chosen: its settings.
//
// # What it promises
//
// Everything that changes something is audited in the transaction of the change; so is
// each sign-in, and one that fails is on record before it is answered, with the wait that
// it causes; attempts during the wait are not looked at and not recorded. Of codes that are
// good once, one of those who show it at the same time gets in. A tenant has its keys
// before it is made, and nobody signs in to one that is not active.
//
// A failed sign-in does not tell what was wrong, nor by the time it takes: an unknown
// login costs the hash of a password too. Attempts are counted before they are made;
// after some, each has to wait twice as long as the one before, for a login on one
// device, and more softly for a login on all devices on which it never succeeded: who
// guesses does not lock the user out of the devices that are known. Who administers
// accounts can let a user try again at once.
//
// Nobody gives, takes or changes rights that he does not have himself, and nobody
// changes the password, the factors or the state of a user who may do more than he.
// Users, roles, settings and clients need the permission "accounts write all", and a client
// may do no more for itself than who makes, changes or ends it. Tenants are looked after by
// people of the first one with the permission "tenants write all", which "*" does not
// contain, and tokens by Ficus itself only (access.Principal.System: the command line of
// who owns the database).
//
// A grant is what a user or a client has allowed a client. Secrets stand for it: codes,
// refresh tokens, device codes, each good once, and user codes, which are looked at by who
// has signed in and may be guessed a few times only; spending one, issuing the next and the
// audit entry are one transaction. One that is shown again ends the grant and all that
// hangs on it, without a time of grace. A grant ends with its session, unless it was
// given to go on alone, with its client, and with the user's password; it is not good
// while its user or tenant is not active.
//
// People who sign in at the program itself hold grants of its own client (OwnClient), which end with their
// session, are good as long as that is in use, and end it when a refresh token is shown twice.
//
// Passwords are kept as Argon2id in PHC strings, codes of authenticator apps as sealed
// secrets, recovery codes as keyed hashes, tokens and sessions as SHA-256 of 256 random
// bits. What is typed as a login is kept as a keyed hash only.
//
// # Tables
//
//	accounts_tenant        (id)                   name, created, active
//	accounts_user          (tenant, id)           login, name, email, active, created
//	accounts_password      (tenant, user_id)      hash, changed, must_change
//	accounts_past_password (tenant, user_id, hash) changed
//	accounts_factor        (tenant, user_id, id)  kind, data, step, created, confirmed
//	accounts_attempt       (tenant, who)          failed, last, until, succeeded
//	accounts_session       (tenant, hash)         id, user_id, factors, agent, address, created, seen, ended
//	accounts_role          (tenant, name)
//	accounts_permission    (tenant, role, resource, action, reach)
//	accounts_holds         (tenant, user_id, role) since
//	accounts_token         (tenant, id)           hash, name, user_id, scopes, created, expires, revoked, last_used
//	accounts_client        (tenant, id)           name, method, secret, jwks, redirects, grants, scopes, created, ended
//	accounts_grant         (tenant, id)           client, request, scopes, subject, session, claims, given, ended, created, expires
//	accounts_secret        (tenant, hash)         kind, grant_id, created, expires, used, wrong
//	accounts_assertion     (tenant, client, jti)  expires
//	accounts_setting       (tenant, name)         value
//
// A token is found by its hash alone, before its tenant is known: that index is the one
// key here that does not begin with the tenant. The texts of sessions and secrets and the
// ids of clients begin with it. What has expired is deleted by the job accounts.prune.
//
// It decides nothing about resources: engine/access does. It sends no mail and shows no
// pages. It makes no JWT and speaks no OAuth: server/signin does.
package accounts
