// Package accounts owns who may sign in: tenants, users and tokens; and what a tenant has chosen: its settings.
//
// A token is 256 random bits; its text is shown once, when it is issued, and only
// its SHA-256 is stored. It acts within one tenant, with the scopes that it was
// given, until it expires or is revoked. A tenant has its keys before it is made,
// and nobody signs in to one that is not active. Every issue and revocation is audited in
// its own transaction. Only Ficus itself (access.Principal.System, such as the
// command line of who owns the database) may do these things so far.
//
// # Tables
//
//	accounts_tenant (id)         name, created, active
//	accounts_user   (tenant, id) login, name, active, created
//	accounts_token  (tenant, id) hash, name, user_id, scopes, created, expires, revoked, last_used
//	accounts_setting (tenant, name) value
//
// A token is found by its hash alone, before its tenant is known: that index is
// the one key here that does not begin with the tenant.
//
// It holds no passwords and no other factors yet, and decides nothing about
// resources: engine/access does.
package accounts
