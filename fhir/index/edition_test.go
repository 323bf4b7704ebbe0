package index

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"sync"
	"testing"

	"github.com/ficushealth/ficus/fhir"
)

// formOfExamples is the sum of the rows of all examples of R4 under Edition. It changes whenever databases that are already filled have
// other rows than those that searches ask for.
const formOfExamples = "1:a52bb7433c704057"

// TestTheFormChangesWithTheEdition: rows of another form are found in no database that was filled before, unless the edition is raised.
func TestTheFormChangesWithTheEdition(t *testing.T) {
	var sum uint64
	var mu sync.Mutex
	eachExample(t, func(name string, r fhir.Resource) {
		rows, err := Extract(r, Hasher{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		h := fnv.New64a()
		fmt.Fprint(h, rows.Token, rows.String, rows.Date, rows.Number, rows.Params, rows.Units, rows.Values, rows.Codes) //nolint:errcheck // never fails
		for _, x := range rows.Ref {
			fmt.Fprint(h, x.Hash, x.Target.Text) //nolint:errcheck // never fails
		}
		mu.Lock()
		defer mu.Unlock()
		sum += binary.LittleEndian.Uint64(h.Sum(nil))
	})
	if got := fmt.Sprintf("%d:%016x", Edition, sum); got != formOfExamples {
		t.Errorf("the rows of the examples are %s, not %s: if a version with this edition was released, raise Edition and say in edition.go what changed; then note the new sum here", got, formOfExamples)
	}
}
