package app

import (
	"slices"
	"strings"

	"github.com/ficushealth/ficus/strangler/mapping"
)

// checkApprovals refuses an approval of what no filter of the pack can ask for: a word that was mistyped would else be
// taken for a yes, or for nothing.
func checkApprovals(p *mapping.Pack, list []string) error {
	for _, approval := range list {
		table, reason, withReason := strings.Cut(approval, ":")
		if !slices.ContainsFunc(p.Covered(), func(c mapping.Covered) bool { return c.Table == table && c.Child == "" }) {
			return usage("--approve %s: the pack maps no table %s (tables are written with their database, such as OpalDB.Patient)", approval, table)
		}
		known := []string{mapping.Constant, mapping.Derivable, mapping.Technical, mapping.Placeholder, mapping.OutOfScope}
		if withReason && !slices.Contains(known, reason) {
			return usage("--approve %s: there is no reason %q; reasons are %s", approval, reason, strings.Join(known, ", "))
		}
	}
	return nil
}
