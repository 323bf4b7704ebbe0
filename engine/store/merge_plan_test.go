package store

import (
	"math"
	"regexp"
	"testing"

	"github.com/ficushealth/ficus/fhir/search"
)

// TestAWindowEndsTheWalkOfEachPart wants the end of the window in the condition of the index: as a filter of the rows it would let each part
// read to the end of its parameter whenever a window has less than a page.
func TestAWindowEndsTheWalkOfEachPart(t *testing.T) {
	d := planned(t)
	under := func(hash int64) probe {
		return probe{table: "ix_number", sweep: true, where: []test{hashed(hash), where("x.hi >= ?", 1.0)}}
	}
	st := newStatement(d.Dialect(), 1)
	f := &finder{preds: []predicate{{form: search.Compare, probes: []probe{under(math.MaxInt64), under(math.MinInt64)}}}, limit: 20}
	source{walk: 0, collect: -1, sweep: true, first: 1000}.sorted(f, st)
	text := planOf(t, d, st.text().Postgres, st.args...)
	if bounds := regexp.MustCompile(`Index Cond: .*rid <= .*`).FindAllString(text, -1); len(bounds) != 2 {
		t.Error(text)
	}
}
