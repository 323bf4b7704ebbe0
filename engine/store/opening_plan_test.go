package store

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
)

// TestBodiesAreLookedUpByTheirNumbers wants the numbers in the condition of the index: as a filter of the rows they would let each
// portion of an order that is made from bodies read all of its type.
func TestBodiesAreLookedUpByTheirNumbers(t *testing.T) {
	d := dbtest.Open(t, dbtest.PostgresURL(t), db.Options{Durability: db.Off, Params: PostgresSettings()})
	files, err := fs.Sub(schema, "schema")
	if err == nil {
		err = db.Migrate(t.Context(), d, "store", files)
	}
	if err != nil {
		t.Fatal(err)
	}
	f := &finder{compiler: &compiler{from: d, k: &tenantKeys{tenant: 1}, index: 1}}
	rids := []int64{1, 2, 3}
	for name, st := range map[string]*statement{"of a type": f.opening(rids), "of any type": f.opened(rids)} {
		t.Run(name, func(t *testing.T) {
			var plan []string
			err := d.Query(t.Context(), db.Same("EXPLAIN (COSTS OFF) "+st.text().Postgres), st.args, func(r db.Row) error {
				plan = append(plan, r.Text(0))
				return nil
			})
			text := strings.Join(plan, "\n")
			if _, cond, _ := strings.Cut(text, "Index Cond: "); err != nil || !strings.Contains(strings.SplitN(cond, "\n", 2)[0], "rid = n.rid") {
				t.Errorf("%v\n%s", err, text)
			}
		})
	}
}
