package store_test

import (
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/store/storetest"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/index"
)

// outgrow does what a server of the next version does when it starts.
func (x *defining) outgrow() {
	x.Helper()
	for _, sql := range []string{`UPDATE store_counter SET next = next + 1 WHERE name = 'index edition'`, `UPDATE search_param_edition SET edition = edition + 1`} {
		if _, err := x.db.Exec(x.Context(), db.Same(sql)); err != nil {
			x.Fatal(err)
		}
	}
}

// TestAnOlderProgramReadsOnAndWritesNoMore: beside a newer one it would leave rows that searches do not ask for.
func TestAnOlderProgramReadsOnAndWritesNoMore(t *testing.T) {
	onBoth(t, store.Options{}, func(x *defining) {
		x.mustParam("marital", "token", "Patient", "Patient.maritalStatus")
		x.put(`{"resourceType":"Patient","id":"p","gender":"male"}`)
		x.outgrow()
		refused := func(what string, err error) {
			x.Helper()
			if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "a newer version of the program") || !strings.Contains(err.Error(), "restart with that version") {
				x.Errorf("%s: %v", what, err)
			}
		}
		x.found("Patient", "gender=male", "p")
		refused("a write", x.try(`{"resourceType":"Patient","id":"q","gender":"male"}`))
		x.found("Patient", "gender=male", "p") // what a search has read of the set is no leave to write
		refused("another", x.try(`{"resourceType":"Patient","id":"q","gender":"male"}`))
		_, err := x.store.As(storetest.Caller(7)).Update(x.Context(), fhirOf(x.T, `{"resourceType":"Patient","id":"p"}`))
		refused("a new tenant", err)
		_, err = x.store.RepairIndex(x.Context(), 1, nil)
		refused("a repair", err)
		for _, k := range x.store.Kinds() {
			if k.Every > 0 {
				refused(k.Name, k.Do(x.Context(), nil))
			}
		}
		o := store.Options{}
		o.Vault, o.Audit = storetest.KeysIn(x.T, x.db, x.folder)
		_, err = store.Open(x.Context(), x.db, o)
		refused("a start", err)
	})
}

// TestANewerProgramLetsOlderOnesKnow: as the test above wants it.
func TestANewerProgramLetsOlderOnesKnow(t *testing.T) {
	onBoth(t, store.Options{}, func(x *defining) {
		x.put(`{"resourceType":"Patient","id":"p"}`)
		x.aged()
		if _, err := x.db.Exec(x.Context(), db.Same(`DELETE FROM store_counter WHERE name = 'index edition'`)); err != nil {
			x.Fatal(err)
		}
		number := func(sql string) (n int64) {
			x.Helper()
			err := x.db.Query(x.Context(), db.Same(sql), nil, func(r db.Row) error {
				n = r.Int64(0)
				return nil
			})
			if err != nil {
				x.Fatal(err)
			}
			return n
		}
		const edition = `SELECT COALESCE(MAX(edition), 0) FROM search_param_edition WHERE tenant = 1`
		before := number(edition)
		newer := x.again()
		if least := number(`SELECT next FROM store_counter WHERE name = 'index edition'`); least != index.Edition {
			x.Errorf("the database says %d", least)
		}
		if err := newer.store.RenewIndex(x.Context()); err != nil {
			x.Fatal(err)
		}
		if after := number(edition); after <= before {
			x.Errorf("who knows edition %d still commits", before)
		}
	})
}
