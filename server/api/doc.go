// Package api is the domain interface of Ficus, under /api/v1: JSON with names in snake case, errors as problem details (RFC
// 9457), pages by cursor.
//
// It promises that whatever it serves was asked by a known caller, and that inner error text never leaves. It decides nothing
// about access and never touches a database: it turns requests into calls of what it is given.
package api
