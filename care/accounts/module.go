package accounts

import (
	"embed"

	"github.com/ficushealth/ficus/care"
	"github.com/ficushealth/ficus/engine/db"
)

//go:embed schema
var schema embed.FS

// Module is what accounts brings to the program.
func Module() care.Module {
	return care.Module{Name: "accounts", Schema: schema, Tables: []db.Table{
		{Name: "accounts_tenant"}, {Name: "accounts_setting"},
		{Name: "accounts_user"}, {Name: "accounts_password"}, {Name: "accounts_past_password"}, {Name: "accounts_factor"}, {Name: "accounts_attempt"},
		{Name: "accounts_session"}, {Name: "accounts_token"},
		{Name: "accounts_role"}, {Name: "accounts_permission"}, {Name: "accounts_holds"}, {Name: "accounts_mask"},
		{Name: "accounts_client"}, {Name: "accounts_grant"}, {Name: "accounts_secret"}, {Name: "accounts_assertion"},
	}}
}
