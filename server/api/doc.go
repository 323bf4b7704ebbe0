// Package api is the domain interface of Ficus, under /api/v1: JSON with names in snake case, errors as problem details (RFC
// 9457). What is below /api/v1/auth is at /auth too.
//
//	/auth      sign-in without an app: login, second factor, refresh, logout, the own password
//	/audit     who saw or changed what
//	/openapi.json   all of it, made of what runs
//
// It promises that whatever it serves was asked by a known caller, but for the operations that are open; that inner error text
// never leaves; that a body has the members that the operation names, spelt as it spells them, and no others; and that the
// document is what runs; and that who is not let administer is on record before he is told. People who sign in here hold grants of the program's own client: the same accounts, grants and tokens as
// those of OAuth (server/signin). One whose password was given out for once can do nothing but change it.
//
// It decides nothing about access beyond what the roles say that an operation needs, and never touches a database: it turns
// requests into calls of what it is given.
package api
