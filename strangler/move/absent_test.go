package move_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/strangler/mapping"
	"github.com/ficushealth/ficus/strangler/move"
	"github.com/ficushealth/ficus/strangler/movetest"
)

// TestATableThatTheSourceHasNoMore moves everything, and then from a source without a table.
func TestATableThatTheSourceHasNoMore(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Fill(10)
		w.Move()
		w.Want(w.Prove(), 0)
		visits := int64(w.Clinic.Len("Clinic.Visit"))
		w.Clinic.Drop("Clinic.Visit")

		tables, err := w.Clinic.Tables(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, problems := w.Pack.Bind(tables)
		if err := mapping.Refuse(problems); err == nil || !strings.Contains(err.Error(), "the source has no table Clinic.Visit") {
			t.Error(err)
		}
		p, err := move.Study{Legacy: w.Clinic, Name: "clinic", Pack: w.Pack, Workers: 1, Now: time.Now}.Plan(t.Context(), problems)
		if err != nil || len(p.Fails) != 1 || !strings.Contains(p.Fails[0], "Clinic.Visit") {
			t.Error(p.Fails, err)
		}

		if res := w.Move(); res.Vanished != visits { // as with a pack that does not need the table
			t.Errorf("%+v", res)
		}
		c := w.Prove()
		w.Want(c, visits)
		for _, d := range c.Differing {
			if d.Table != "Clinic.Visit" || strings.HasPrefix(d.Key, "0x") || !strings.Contains(d.What, "it has vanished from the source, and its Encounter is still here") {
				t.Error(d)
			}
		}
		w.Delete = true
		if res := w.Move(); res.Deleted != visits {
			t.Errorf("%+v", res)
		}
		c = w.Prove()
		w.Want(c, 0)
		if len(c.Tables) != 4 || c.Tables[3].Name != "Clinic.Visit" || c.Tables[3].Source != 0 {
			t.Errorf("%+v", c.Tables)
		}
	})
}

// TestChildrenThatTheSourceHasNoMore loses a table of children.
func TestChildrenThatTheSourceHasNoMore(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Fill(10)
		w.Move()
		phones := int64(w.Clinic.Len("Clinic.Phone"))
		w.Clinic.Drop("Clinic.Phone")
		if res := w.Move(); res.Vanished != phones || res.Wrote != 10 { // the persons have no telephones any more
			t.Errorf("%+v", res)
		}
		w.Want(w.Prove(), 0)
	})
}
