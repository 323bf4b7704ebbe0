package move_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/strangler/mapping"
	"github.com/ficushealth/ficus/strangler/move"
	"github.com/ficushealth/ficus/strangler/movetest"
)

func plan(t *testing.T, w *movetest.World, s move.Study) *move.Plan {
	t.Helper()
	s.Legacy, s.Name, s.Pack, s.Workers, s.Now = w.Clinic, "clinic", w.Pack, 2, time.Now
	p, err := s.Plan(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func planned(p *move.Plan, name string) move.PlannedTable {
	for _, t := range p.Tables {
		if t.Name == name {
			return t
		}
	}
	return move.PlannedTable{}
}

func TestAPlanSaysWhatTheRunWillDo(t *testing.T) {
	w := movetest.New(t, dbtest.SQLite(t))
	w.Fill(400)
	for _, i := range []int{7, 8, 9} {
		w.Clinic.Set("Clinic.Person", i, "sex", "X")
	}
	w.Clinic.Put("Clinic.Person", 0, "", "", "U", "1900-01-01 00:00:00", nil, nil, "")
	w.Clinic.Put("Clinic.Phone", 9999, 77777, "5145551234")
	w.Clinic.Put("Clinic.Unused", 1)
	p := plan(t, w, move.Study{})
	if len(p.Fails) != 0 || p.Rows != 401+801+1200+400 {
		t.Errorf("%d rows, fails: %v", p.Rows, p.Fails)
	}
	person, phone := planned(p, "Clinic.Person"), planned(p, "Clinic.Phone")
	if person.Mapped != 397 || person.Refused[0].Rows != 3 || person.Refused[0].Code != mapping.Unmapped || person.Filtered[0].Rows != 1 {
		t.Errorf("%+v", person)
	}
	if !phone.Child || phone.Orphans != 1 || phone.Mapped != 794 {
		t.Errorf("%+v", phone)
	}
	if diff := cmp.Diff([]move.Uncovered{{Name: "Clinic.Unused", Rows: 1}}, p.Uncovered); diff != "" {
		t.Error(diff)
	}
	w.Move()
	asPlanned(t, p, w)
}

// asPlanned compares a plan with what the run then did.
func asPlanned(t *testing.T, p *move.Plan, w *movetest.World) {
	t.Helper()
	c := w.Prove()
	w.Want(c, 0)
	for _, x := range c.Tables {
		y := planned(p, x.Name)
		if x.Source != y.Rows || x.Mapped != y.Mapped || x.Filtered != y.Left || x.Quarantined != y.Quarantined || y.Rows != y.Mapped+y.Left+y.Quarantined {
			t.Errorf("%s: %+v, planned %+v", x.Name, x, y)
		}
	}
}

// TestAPlanCountsChildrenWithTheirRoots has a person who is refused, one who is filtered, and a telephone of nobody.
func TestAPlanCountsChildrenWithTheirRoots(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Fill(100)
		w.Clinic.Set("Clinic.Person", 7, "sex", "X")
		w.Clinic.Put("Clinic.Person", 0, "", "", "U", "1900-01-01 00:00:00", nil, nil, "")
		w.Clinic.Put("Clinic.Phone", 9998, 0, "5145551234")
		w.Clinic.Put("Clinic.Phone", 9999, 77777, "5145551234")
		p := plan(t, w, move.Study{})
		phone := planned(p, "Clinic.Phone")
		if phone.Rows != 202 || phone.Mapped != 198 || phone.Left != 1 || phone.Quarantined != 3 || phone.Orphans != 1 || len(p.Fails) != 0 {
			t.Errorf("%+v, %v", phone, p.Fails)
		}
		w.Move()
		asPlanned(t, p, w)
	})
}

func TestAPlanFailsForACodeOfWhichNobodySaysAnything(t *testing.T) {
	w := movetest.New(t, dbtest.SQLite(t))
	w.Fill(10)
	w.Clinic.Set("Clinic.Person", 7, "sex", "X")
	w.Clinic.Set("Clinic.Person", 8, "sex", "Y")
	if p := plan(t, w, move.Study{}); len(p.Fails) != 0 { // its rule says quarantine
		t.Error(p.Fails)
	}
	pack, err := movetest.PackWith("terms: sex, invalid: quarantine", "terms: sex, sensitive: false")
	if err != nil {
		t.Fatal(err)
	}
	w.UsePack(pack)
	p := plan(t, w, move.Study{})
	if len(p.Fails) != 1 || !strings.Contains(p.Fails[0], `Clinic.Person.sex: 2 rows hold a code that the terminology map does not have ("X", "Y")`) {
		t.Error(p.Fails)
	}
	pack, err = movetest.PackWith("terms: sex, invalid: quarantine", "terms: sex, unmapped: quarantine")
	if err != nil {
		t.Fatal(err)
	}
	w.UsePack(pack)
	if p := plan(t, w, move.Study{}); len(p.Fails) != 0 || planned(p, "Clinic.Person").Quarantined != 2 {
		t.Error(p.Fails)
	}
}

func TestAPlanCountsCodesColumnsAndTime(t *testing.T) {
	w := movetest.New(t, dbtest.SQLite(t))
	w.Fill(40)
	for i, sex := range map[int]string{7: "X", 8: "X", 9: "Y"} {
		w.Clinic.Set("Clinic.Person", i, "sex", sex)
	}
	p := plan(t, w, move.Study{Rate: 10})
	person := planned(p, "Clinic.Person")
	if person.Codes != 40 || person.Unmapped != 3 || person.Unnamed != 0 {
		t.Errorf("%+v", person)
	}
	if len(person.Refused) != 1 || person.Refused[0].Rows != 3 || person.Refused[0].Value != "" { // the column is not declared as not sensitive
		t.Errorf("%+v", person.Refused)
	}
	if person.Time < 4*time.Second || p.Time < person.Time || planned(p, "Clinic.Phone").Time != 0 {
		t.Errorf("%s of %s", person.Time, p.Time)
	}
	s := move.Study{Legacy: w.Clinic, Name: "clinic", Pack: w.Pack, Now: time.Now}
	q, err := s.Plan(t.Context(), []mapping.Problem{{Text: "one", Unnamed: "Clinic.Visit"}, {Text: "two", Unnamed: "Clinic.Visit"}})
	if err != nil || planned(q, "Clinic.Visit").Unnamed != 2 || planned(q, "Clinic.Person").Unnamed != 0 {
		t.Error(q, err)
	}
}

func TestAPlanFailsWhereAFilterTakesMuch(t *testing.T) {
	w := movetest.New(t, dbtest.SQLite(t))
	w.Fill(20)
	w.Clinic.Put("Clinic.Person", 0, "", "", "U", "1900-01-01 00:00:00", nil, nil, "")
	p := plan(t, w, move.Study{})
	if len(p.Fails) != 1 || !strings.Contains(p.Fails[0], "--approve Clinic.Person:placeholder-row") {
		t.Error(p.Fails)
	}
	for _, approved := range []string{"Clinic.Person", "Clinic.Person:placeholder-row"} {
		if p := plan(t, w, move.Study{Approve: []string{approved}}); len(p.Fails) != 0 {
			t.Error(p.Fails)
		}
	}
}

func TestAPlanFailsOnAProblemBeforeAnyRowIsRead(t *testing.T) {
	w := movetest.New(t, dbtest.SQLite(t))
	w.Fill(3)
	s := move.Study{Legacy: w.Clinic, Name: "clinic", Pack: w.Pack, Now: time.Now}
	p, err := s.Plan(t.Context(), []mapping.Problem{{File: "person.yaml", Line: 3, Text: "a column is not named"}, {Text: "a warning", Warning: true}})
	if err != nil || len(p.Fails) != 1 || !strings.HasPrefix(p.Fails[0], "person.yaml:3") || w.Clinic.Read != 0 {
		t.Errorf("%+v, %v, %d rows read", p.Fails, err, w.Clinic.Read)
	}
}

func TestASampleReadsNotEverything(t *testing.T) {
	w := movetest.New(t, dbtest.SQLite(t))
	w.Fill(2000)
	p := plan(t, w, move.Study{Sample: 100})
	if visit := planned(p, "Clinic.Visit"); visit.Looked < 100 || visit.Looked >= 6000 || visit.Rows != 6000 {
		t.Errorf("%+v", visit)
	}
}
