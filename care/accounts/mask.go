package accounts

import (
	"context"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
)

var masks = struct{ put, drop, list, held db.Text }{
	put: db.Same(`INSERT INTO accounts_mask (tenant, role, resource, element, how) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (tenant, role, resource, element) DO UPDATE SET how = excluded.how`),
	drop: db.Same(`DELETE FROM accounts_mask WHERE tenant = $1 AND role = $2 AND resource = $3 AND element = $4`),
	list: db.Same(`SELECT role, resource, element, how FROM accounts_mask WHERE tenant = $1 ORDER BY role, resource, element`),
	held: db.Same(`SELECT m.role, m.resource, m.element, m.how FROM accounts_holds h
		JOIN accounts_mask m ON m.tenant = h.tenant AND m.role = h.role WHERE h.tenant = $1 AND h.user_id = $2 ORDER BY m.resource, m.element, m.how`),
}

func how(m access.Mask) string {
	if m.Hidden {
		return "hide"
	}
	return "keep"
}

// Mask keeps all who hold a role from an element, whatever other roles they hold. Faults: as Permit.
func (a *Accounts) Mask(ctx context.Context, by access.Principal, role string, m access.Mask) error {
	return a.changeRole(ctx, by, "mask", role, m.String(), access.Roles{}, func(t db.Tx) error {
		_, err := t.Exec(ctx, masks.put, by.Tenant, role, m.Resource, m.Element, how(m))
		return err
	})
}

// Unmask takes a mask from a role. Faults: as Permit; Unknown if there is none.
func (a *Accounts) Unmask(ctx context.Context, by access.Principal, role string, m access.Mask) error {
	return a.changeRole(ctx, by, "unmask", role, m.Resource+"."+m.Element, access.Roles{}, func(t db.Tx) error {
		return once(ctx, t, "the role has no such mask", masks.drop, by.Tenant, role, m.Resource, m.Element)
	})
}

// masked reads rows of a role and its mask.
func masked(ctx context.Context, q querier, stmt db.Text, args []any, each func(role string, m access.Mask)) error {
	return q.Query(ctx, stmt, args, func(r db.Row) error {
		m, err := access.ParseMask(r.Text(1), r.Text(2), r.Text(3))
		if err == nil {
			each(r.Text(0), m)
		}
		return err
	})
}
