package accounts

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// The settings.
const (
	Integrity     = "integrity"      // whether references must have targets: On or Off
	AuditDays     = "audit-days"     // how long the audit is kept: a number of days
	AuditHold     = "audit-hold"     // whether nothing of it is pruned, however old (a legal hold): On or Off
	AlertPatients = "alert-patients" // how many patients somebody may see in ten minutes before it is told: a number, or Off
	AlertHours    = "alert-hours"    // the hours of work, beyond which what people see of patients is told: 07-19, in UTC, or 07-19@America/Toronto
)

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
func SettingNames() []string {
	return []string{AlertHours, AlertPatients, AuditDays, AuditHold, Integrity}
}

// fitting reports whether a setting can have the value, and says which it can have.
func fitting(name, value string) (ok bool, can string) {
	n, err := strconv.Atoi(value)
	number := err == nil && n > 0 && n <= mostNumber && value[0] != '+'
	switch name {
	case AuditDays:
		return number, "a number of days, from 1 to " + strconv.Itoa(mostNumber)
	case AlertPatients:
		return number || value == Off, "a number, or off"
	case AlertHours:
		_, err := ParseHours(value)
		return err == nil, "hours of the day with a time zone or without, such as 07-19 or 07-19@America/Toronto"
	}
	return value == On || value == Off, "on or off"
}

const mostNumber = 100_000

// Choose sets a setting of the caller's tenant. It is on record with the change. Processes that have the database open
// take it over within seconds. Faults: Forbidden, Invalid for a name or value that there is not.
func (a *Accounts) Choose(ctx context.Context, by access.Principal, name, value string) error {
	if err := may(by, access.Writing); err != nil {
		return err
	}
	if !slices.Contains(SettingNames(), name) {
		return fault.New(fault.Invalid, "there is no such setting; there is: %s", strings.Join(SettingNames(), ", "))
	}
	if ok, can := fitting(name, value); !ok && value != Default {
		return fault.New(fault.Invalid, "this setting is %s, or default", can)
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
