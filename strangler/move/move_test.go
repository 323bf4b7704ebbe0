package move_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/strangler/ledger"
	"github.com/ficushealth/ficus/strangler/move"
	"github.com/ficushealth/ficus/strangler/movetest"
)

func TestAMoveIsProvedAndWritesNothingTwice(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Fill(55)
		res := w.Move()
		if res.Rows != 55*5 || res.Wrote != 55*5 || res.Same != 0 {
			t.Errorf("%+v", res)
		}
		c := w.Prove()
		w.Want(c, 0)
		if c.Roots.Source != c.Roots.Target {
			t.Error("the roots differ")
		}
		again := w.Move()
		if again.Wrote != 0 || again.Same != 55*5 {
			t.Errorf("%+v", again)
		}
		onlyFirstVersions(t, w)
	})
}

func onlyFirstVersions(t *testing.T, w *movetest.World) {
	t.Helper()
	if n := w.Int(`SELECT count(*) FROM resource WHERE version <> 1`); n != 0 {
		t.Errorf("%d resources have another version than 1", n)
	}
	if n := w.Int(`SELECT count(*) FROM resource_history`); n != 0 {
		t.Errorf("%d versions in the history", n)
	}
}

func TestAnEmptySourceIsMovedToo(t *testing.T) {
	w := movetest.New(t, dbtest.SQLite(t))
	if res := w.Move(); res.Rows != 0 || res.Run.State != ledger.Done {
		t.Errorf("%+v", res)
	}
	w.Want(w.Prove(), 0)
}

func TestWhatStoppedGoesOnWhereItWas(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Fill(40)
		w.Batch = 7
		seed := time.Now().UnixNano()
		t.Log("seed", seed)
		random := rand.New(rand.NewPCG(uint64(seed), 1))
		stops := 0
		for {
			stopAt := random.IntN(60)
			w.Clinic.Fail = func(string, int) error {
				if stopAt--; stopAt < 0 {
					return errors.New("the source is gone")
				}
				return nil
			}
			res, err := w.Mover().Run(t.Context(), false)
			if err == nil {
				if res.Resumed != (stops > 0) || res.Rows != 200 {
					t.Errorf("after %d stops: %+v", stops, res)
				}
				break
			}
			if stops++; stops > 500 {
				t.Fatal("it never ends")
			}
		}
		w.Clinic.Fail = nil
		w.Want(w.Prove(), 0)
		onlyFirstVersions(t, w)
	})
}

func TestAStopBySignalFinishesTheBatch(t *testing.T) {
	w := movetest.New(t, dbtest.SQLite(t))
	w.Fill(60)
	ctx, cancel := context.WithCancel(t.Context())
	w.Told = func(p move.Progress) {
		if p.All >= 60 {
			cancel()
		}
	}
	res, err := w.Mover().Run(ctx, false)
	if !errors.Is(err, context.Canceled) || res.Rows == 0 || res.Rows == 300 {
		t.Fatalf("%+v, %v", res, err)
	}
	runs, err := ledger.Runs(t.Context(), w.DB, movetest.Tenant)
	if err != nil || runs[0].State != ledger.Stopped {
		t.Fatal(runs, err)
	}
	if _, err := w.Question().Prove(t.Context()); !fault.Is(err, fault.Conflict) {
		t.Errorf("a run in the middle was proved: %v", err)
	}
	w.Told = nil
	w.Move()
	w.Want(w.Prove(), 0)
	onlyFirstVersions(t, w)
}

func TestARunIsNotFinishedWithAnotherSource(t *testing.T) {
	w := movetest.New(t, dbtest.SQLite(t))
	w.Fill(30)
	w.Clinic.Fail = func(_ string, row int) error {
		if row == 25 {
			return errors.New("the source is gone")
		}
		return nil
	}
	if _, err := w.Mover().Run(t.Context(), false); err == nil {
		t.Fatal("no error")
	}
	w.Clinic.Fail = nil
	w.Person(31)
	if _, err := w.Mover().Run(t.Context(), false); !fault.Is(err, fault.Conflict) {
		t.Fatal(err)
	}
	if _, err := w.Mover().Run(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	w.Want(w.Prove(), 0)
	onlyFirstVersions(t, w)
}

func TestOnlyWhatChangedIsWritten(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Fill(30)
		w.Move()
		w.Clinic.Set("Clinic.Person", 4, "last", "Nouvelle")
		w.Clinic.Set("Clinic.Person", 5, "session", "a column that is dropped")
		w.Clinic.Set("Clinic.Phone", 60, "number", "4165550000")
		w.Clinic.Set("Clinic.Secret", 7, "answer", "other")
		w.Person(31)
		if _, err := w.Question().Prove(t.Context()); !fault.Is(err, fault.Conflict) {
			t.Errorf("another source was proved: %v", err)
		}
		res := w.Move()
		if res.Wrote != 3+5 || res.Same != 30*5-4 {
			t.Errorf("%+v", res)
		}
		c := w.Prove()
		w.Want(c, 0)
		if n := w.Int(`SELECT count(*) FROM resource WHERE version = 2`); n != 2 {
			t.Errorf("%d resources have a second version, want 2", n)
		}
	})
}

func TestAChildThatMovesTakesBothRootsAlong(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Fill(10)
		w.Move()
		w.Clinic.Set("Clinic.Phone", 30, "person", 8)
		w.Clinic.Set("Clinic.Phone", 91, "person", 2)
		res := w.Move()
		if res.Wrote != 4 {
			t.Errorf("%+v", res)
		}
		w.Want(w.Prove(), 0)
	})
}

func TestWhatVanishesIsReportedAndDeletedOnRequest(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Fill(25)
		w.Move()
		for k := range 3 {
			w.Clinic.Delete("Clinic.Visit", 70+k)
		}
		w.Clinic.Delete("Clinic.Phone", 70)
		w.Clinic.Delete("Clinic.Phone", 71)
		w.Clinic.Delete("Clinic.Person", 7)
		res := w.Move()
		if res.Vanished != 6 || res.Standing != 4 || res.Deleted != 0 {
			t.Errorf("%+v", res)
		}
		w.Want(w.Prove(), 4)
		w.Delete = true
		res = w.Move()
		if res.Vanished != 6 || res.Standing != 0 || res.Deleted != 4 || res.Left != 0 {
			t.Errorf("%+v", res)
		}
		w.Want(w.Prove(), 0)
		if n := w.Int(`SELECT count(*) FROM resource WHERE NOT deleted`); n != 25*4-4 {
			t.Errorf("%d resources are left", n)
		}
		w.Person(7)
		w.Move()
		w.Want(w.Prove(), 0)
		if n := w.Int(`SELECT count(*) FROM resource WHERE version = 3 AND NOT deleted`); n != 4 {
			t.Errorf("%d resources came back", n)
		}
	})
}

func TestARowThatCannotBeMappedWaitsInQuarantine(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Fill(30)
		w.Clinic.Set("Clinic.Person", 11, "sex", "X")
		w.Clinic.Set("Clinic.Secret", 12, "answer", "refuse me")
		w.Move()
		c := w.Prove()
		w.Want(c, 0)
		want := map[string]int64{"Clinic.Person": 1, "Clinic.Phone": 2, "Clinic.Secret": 1, "Clinic.Visit": 0}
		for _, table := range c.Tables {
			if table.Quarantined != want[table.Name] || table.Source != table.Mapped+table.Quarantined+table.Filtered {
				t.Errorf("%+v", table)
			}
		}
		held := heldRows(t, w)
		if len(held) != 2 || held[0].Rule == "" || held[0].Reason == "" {
			t.Fatalf("%+v", held)
		}
		f, err := ledger.OpenImage(w.Sealer, movetest.Tenant, "Clinic.Person", held[0].Key, held[0].Image)
		if err != nil || len(f.Children) != 2 || f.Root.Cells[3].String() != "X" {
			t.Errorf("%+v, %v", f, err)
		}
		if res := w.Move(); res.Same != 150 || res.Wrote != 0 {
			t.Errorf("%+v", res)
		}
		w.Clinic.Set("Clinic.Person", 11, "sex", "F")
		w.Move()
		w.Want(w.Prove(), 0)
		if held := heldRows(t, w); len(held) != 1 {
			t.Errorf("%+v", held)
		}
	})
}

func heldRows(t *testing.T, w *movetest.World) (held []ledger.Held) {
	t.Helper()
	err := ledger.Quarantine(t.Context(), w.DB, movetest.Tenant, 0, 100, func(h ledger.Held) error {
		held = append(held, h)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return held
}

func TestManyBadRowsDoNotStopTheGoodOnes(t *testing.T) {
	w := movetest.New(t, dbtest.SQLite(t))
	w.Fill(40)
	for _, i := range []int{1, 2, 3, 17, 20, 21, 39, 40} {
		w.Clinic.Set("Clinic.Secret", i, "answer", "refuse me")
	}
	w.Move()
	w.Want(w.Prove(), 0)
	if held := heldRows(t, w); len(held) != 8 {
		t.Errorf("%d rows in quarantine", len(held))
	}
}

// A record's text may hold what PostgreSQL cannot: U+0000.
func TestATextThatTheDatabaseCannotHoldWaitsInQuarantine(t *testing.T) {
	w := movetest.New(t, dbtest.Postgres(t))
	w.Fill(30)
	w.Clinic.Set("Clinic.Secret", 9, "answer", "a\x00b")
	w.Clinic.Set("Clinic.Secret", 21, "question", "\x00")
	w.Move()
	w.Want(w.Prove(), 0)
	if held := heldRows(t, w); len(held) != 2 {
		t.Errorf("%d rows in quarantine", len(held))
	}
}

func TestOrphansWaitForTheirRoot(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Fill(10)
		w.Clinic.Put("Clinic.Phone", 999, 77, "5145551234")
		w.Move()
		w.Want(w.Prove(), 0)
		held := heldRows(t, w)
		if len(held) != 1 || held[0].Rule != "sweep" {
			t.Fatalf("%+v", held)
		}
		res, err := w.Mover().Retry(t.Context(), nil)
		if err != nil || len(res.Orphan) != 1 {
			t.Errorf("%+v, %v", res, err)
		}
		w.Person(77)
		w.Move()
		w.Want(w.Prove(), 0)
		if held := heldRows(t, w); len(held) != 0 {
			t.Errorf("%+v", held)
		}
		w.Clinic.Delete("Clinic.Person", 77)
		w.Delete = true
		w.Move()
		if held := heldRows(t, w); len(held) != 3 {
			t.Errorf("the telephones of a person who is gone: %d in quarantine, want 3", len(held))
		}
	})
}

func TestAFilteredRowIsLeftOutWithItsReason(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Fill(10)
		w.Clinic.Put("Clinic.Person", 0, "", "", "U", "1900-01-01 00:00:00", nil, nil, "")
		w.Clinic.Put("Clinic.Phone", 1, 0, "5145551234")
		if _, err := w.Mover().Run(t.Context(), false); !fault.Is(err, fault.Precondition) {
			t.Errorf("a filter took 9%% of the rows, and nobody was asked: %v", err)
		}
		w.Approve = []string{"Clinic.Person:placeholder-row"}
		w.Move()
		c := w.Prove()
		w.Want(c, 0)
		for _, table := range c.Tables {
			if want := map[string]int64{"Clinic.Person": 1, "Clinic.Phone": 1}[table.Name]; table.Filtered != want {
				t.Errorf("%+v", table)
			}
		}
		w.Clinic.Put("Clinic.Person", 3, "", "", "U", "1900-01-01 00:00:00", nil, nil, "")
		w.Move()
		w.Want(w.Prove(), 0)
	})
}

func edit(t *testing.T, w *movetest.World, typ, where string) (id string) {
	t.Helper()
	ctx, desk := t.Context(), w.Store.As(access.Inside(movetest.Tenant, "clinician"))
	list, err := w.Store.List(ctx, movetest.Tenant, 0, 10000)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range list {
		if v.Type != typ {
			continue
		}
		now, err := desk.Read(ctx, typ, v.ID)
		if err != nil {
			t.Fatal(err)
		}
		r, err := fhir.Parse(now.Body, fhir.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if r.Get("identifier").At(0).Get("value").Str() != where {
			continue
		}
		body := append([]byte(`{"language":"fr",`), r.Raw()[1:]...)
		if r, err = fhir.Parse(body, fhir.Limits{}); err != nil {
			t.Fatal(err)
		}
		if _, err := desk.Update(ctx, r); err != nil {
			t.Fatal(err)
		}
		return v.ID
	}
	t.Fatalf("no %s has the identifier %s", typ, where)
	return ""
}

func TestWhatWasChangedHereIsNotOverwritten(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Fill(30)
		w.Move()
		edit(t, w, "Patient", "3")
		both := edit(t, w, "Patient", "4")
		edit(t, w, "Encounter", "50")
		c := w.Prove()
		w.Want(c, 0)
		if c.ChangedHere != 3 {
			t.Errorf("%d changed here", c.ChangedHere)
		}
		w.Clinic.Set("Clinic.Person", 3, "session", "nothing that is mapped")
		w.Clinic.Set("Clinic.Person", 4, "last", "changed on both sides")
		w.Move()
		c = w.Prove()
		w.Want(c, 0)
		held := heldRows(t, w)
		if len(held) != 1 || c.ChangedHere != 2 {
			t.Fatalf("%+v, %d changed here", held, c.ChangedHere)
		}
		v, err := w.Store.As(access.Inside(movetest.Tenant, "test")).Read(t.Context(), "Patient", both)
		if err != nil || v.Number != 2 {
			t.Errorf("%+v, %v", v, err)
		}
		res, err := w.Mover().Retry(t.Context(), []int64{held[0].ID})
		if err != nil || len(res.Held) != 1 {
			t.Errorf("%+v, %v", res, err)
		}
	})
}

func TestAZombieCannotCommit(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Fill(60)
		rivalDone := false
		w.Told = func(p move.Progress) {
			if p.All >= 60 && !rivalDone {
				rivalDone = true
				w.Told = nil
				if _, err := w.Mover().Run(t.Context(), false); err != nil {
					t.Errorf("the rival: %v", err)
				}
			}
		}
		_, err := w.Mover().Run(t.Context(), false)
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("the zombie went on: %v", err)
		}
		w.Want(w.Prove(), 0)
		onlyFirstVersions(t, w)
	})
}

func TestRecordsAreReadBackAsTheyWere(t *testing.T) {
	w := movetest.New(t, dbtest.SQLite(t))
	w.Fill(3)
	w.Move()
	if n := w.SQL(`UPDATE test_secret SET answer = 'x' WHERE serial = '2'`); n != 1 {
		t.Fatal(n)
	}
	c := w.Prove()
	if c.Differences == 0 {
		t.Error("a changed record was not found")
	}
}
