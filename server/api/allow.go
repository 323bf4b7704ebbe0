package api

import (
	"strings"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
)

// accountsTo is the permission to do something with who may sign in.
func accountsTo(action access.Action) []access.Permission {
	return []access.Permission{{Resource: "accounts", Action: action, Reach: access.All}}
}

// allowed lets pass whose roles contain all of it. Fault: Forbidden, which names what is missing.
func (c *call) allowed(needs []access.Permission) error {
	var missing []string
	for _, p := range needs {
		if !c.p.Roles.Allow(p) {
			missing = append(missing, p.Name())
		}
	}
	if len(missing) > 0 {
		return coded(fault.Forbidden, "missing-scopes", "Insufficient permissions. Missing scopes: "+strings.Join(missing, ", "))
	}
	return nil
}
