package accounts

import (
	"context"
	"slices"
	"strings"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// Integrity is the setting that says whether references must have targets: On or Off.
const Integrity = "integrity"

// The values of a setting. Default is what the installation says.
const (
	On      = "on"
	Off     = "off"
	Default = "default"
)

var settings = struct{ put, list db.Text }{
	put: db.Same(`INSERT INTO accounts_setting (tenant, name, value) VALUES ($1, $2, $3)
		ON CONFLICT (tenant, name) DO UPDATE SET value = excluded.value`),
	list: db.Same(`SELECT name, value FROM accounts_setting WHERE tenant = $1`),
}

// SettingNames lists what a tenant can choose, in order.
func SettingNames() []string { return []string{Integrity} }

// Choose sets a setting of the caller's tenant. It is on record with the change. Processes that have the database open
// take it over within seconds. Faults: Forbidden, Invalid for a name or value that there is not.
func (a *Accounts) Choose(ctx context.Context, by access.Principal, name, value string) error {
	if err := may(by, access.Writing); err != nil {
		return err
	}
	if !slices.Contains(SettingNames(), name) {
		return fault.New(fault.Invalid, "there is no such setting; there is: %s", strings.Join(SettingNames(), ", "))
	}
	if value != On && value != Off && value != Default {
		return fault.New(fault.Invalid, "a setting is on, off or default")
	}
	e := a.entry(by, "choose", "Setting", name+"="+value)
	return a.change(ctx, e, "nothing was set", settings.put, by.Tenant, name, value)
}

// Chosen are the settings that the tenant has chosen; what is not in it is Default.
func (a *Accounts) Chosen(ctx context.Context, tenant int32) (map[string]string, error) {
	out := map[string]string{}
	err := a.d.Query(ctx, settings.list, []any{tenant}, func(r db.Row) error {
		out[r.Text(0)] = r.Text(1)
		return nil
	})
	return out, err
}
