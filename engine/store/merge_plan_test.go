package store

import (
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/fhir/search"
)

// TestAWindowEndsTheWalkOfEachPart wants the end of the window in the condition of the index: as a filter of the rows it would let each part
// read to the end of its parameter whenever a window has less than a page.
func TestAWindowEndsTheWalkOfEachPart(t *testing.T) {
	d := dbtest.Postgres(t)
	if err := Migrate(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	under := func(hash int64) probe {
		return probe{table: "ix_number", sweep: true, where: []test{hashed(hash), where("x.hi >= ?", 1.0)}}
	}
	st := newStatement(d.Dialect(), 1)
	f := &finder{preds: []predicate{{form: search.Compare, probes: []probe{under(math.MaxInt64), under(math.MinInt64)}}}, limit: 20}
	source{walk: 0, collect: -1, sweep: true, first: 1000}.sorted(f, st)
	var plan []string
	err := d.Query(t.Context(), db.Same("EXPLAIN (COSTS OFF) "+st.text().Postgres), st.args, func(r db.Row) error {
		plan = append(plan, r.Text(0))
		return nil
	})
	text := strings.Join(plan, "\n")
	if bounds := regexp.MustCompile(`Index Cond: .*rid <= .*`).FindAllString(text, -1); err != nil || len(bounds) != 2 {
		t.Errorf("%v\n%s", err, text)
	}
}
