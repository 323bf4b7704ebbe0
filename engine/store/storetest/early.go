package storetest

import (
	"fmt"
	"testing"

	"github.com/ficushealth/ficus/engine/store"
)

// early: where references may precede their targets, those who refer and those who bring the targets come through side by
// side, in whatever order they name them.
func early(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{DanglingReferences: true})
	for round := range 5 {
		race(16, func(i int) {
			var entries []string
			for j := range 12 {
				k := (j*5 + i) % 12
				if i%2 == 1 {
					k = 11 - k
				}
				p, o := fmt.Sprintf("p%d-%d", round, k), fmt.Sprintf("o%d-%d-%d", round, i, k)
				if (i+j)%3 == 0 {
					entries = append(entries, entry("", "PUT", "Patient/"+p, fmt.Sprintf(`{"resourceType":"Patient","id":%q,"multipleBirthInteger":%d}`, p, i)))
				} else {
					entries = append(entries, entry("", "PUT", "Observation/"+o, fmt.Sprintf(observation, o, "Patient/"+p)))
				}
			}
			if _, err := t.desk.Transaction(t.ctx, t.bundle("transaction", entries...)); err != nil {
				t.Error(err)
			}
		})
	}
	t.trueIndex()
}
