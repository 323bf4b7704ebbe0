package move_test

import (
	"context"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/strangler/ledger"
	"github.com/ficushealth/ficus/strangler/move"
	"github.com/ficushealth/ficus/strangler/movetest"
)

// useOpenPack maps the sex X, which the clinic's pack puts into quarantine.
func useOpenPack(t *testing.T, w *movetest.World) {
	t.Helper()
	pack, err := movetest.PackWith("M,male", "X,other\nM,male")
	if err != nil {
		t.Fatal(err)
	}
	w.UsePack(pack)
}

func TestRetryTakesWhatCanBeMappedNow(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Fill(10)
		w.Clinic.Set("Clinic.Person", 5, "sex", "X")
		w.Clinic.Set("Clinic.Person", 6, "sex", "X")
		w.Move()
		held := heldRows(t, w)
		if len(held) != 2 {
			t.Fatalf("%+v", held)
		}
		if _, err := w.Mover().Retry(t.Context(), []int64{4711}); !fault.Is(err, fault.Unknown) {
			t.Error(err)
		}
		if res, err := w.Mover().Retry(t.Context(), nil); err != nil || len(res.Held) != 2 || res.Remapped {
			t.Errorf("%+v, %v", res, err)
		}
		w.Want(w.Prove(), 0)
		useOpenPack(t, w)
		res, err := w.Mover().Retry(t.Context(), []int64{held[0].ID})
		if err != nil || res.Taken != 1 || !res.Remapped {
			t.Fatalf("%+v, %v", res, err)
		}
		if held := heldRows(t, w); len(held) != 1 {
			t.Errorf("%+v", held)
		}
		if _, err := w.Question().Prove(t.Context()); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "run again under this one") {
			t.Error(err)
		}
		w.Move()
		w.Want(w.Prove(), 0)
		if held := heldRows(t, w); len(held) != 0 {
			t.Errorf("%+v", held)
		}
	})
}

// TestARetryOfAnotherSource would leave rows of two sources side by side, which nobody can prove.
func TestARetryOfAnotherSource(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Fill(10)
		w.Clinic.Set("Clinic.Person", 5, "sex", "X")
		w.Move()
		w.Clinic.Set("Clinic.Person", 5, "sex", "F")
		if _, err := w.Mover().Retry(t.Context(), nil); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "migrate run") {
			t.Error(err)
		}
		w.Clinic.Set("Clinic.Person", 5, "sex", "X")
		w.Want(w.Prove(), 0) // nothing was touched
		w.Clinic.Set("Clinic.Person", 5, "sex", "F")
		w.Move()
		w.Want(w.Prove(), 0)
		if held := heldRows(t, w); len(held) != 0 {
			t.Errorf("%+v", held)
		}
	})
}

// TestARunThatBeginsStopsARetry: a rival takes the run over while rows are read again.
func TestARunThatBeginsStopsARetry(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Fill(10)
		for i := range 5 {
			w.Clinic.Set("Clinic.Person", 1+i, "sex", "X")
		}
		w.Move()
		useOpenPack(t, w)
		w.Move()
		if held := heldRows(t, w); len(held) != 0 {
			t.Fatalf("%+v", held)
		}
		for i := range 5 {
			w.Clinic.Set("Clinic.Person", 1+i, "sex", "Y")
		}
		w.Move()
		rows := 0
		w.Told = func(p move.Progress) {
			if rows++; rows != 2 {
				return
			}
			w.Told = nil
			if _, err := w.Mover().Run(t.Context(), false); err != nil {
				t.Errorf("the rival: %v", err)
			}
		}
		res, err := w.Mover().Retry(t.Context(), nil)
		if !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "another process") || rows != 2 {
			t.Errorf("%+v after %d rows: %v", res, rows, err)
		}
		w.Want(w.Prove(), 0)
	})
}

// TestARetryThatDies leaves a run in the middle, and what it took stays taken.
func TestARetryThatDies(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Fill(10)
		w.Clinic.Set("Clinic.Person", 5, "sex", "X")
		w.Move()
		id := w.Clinic.Identity()
		if _, err := ledger.Reopen(t.Context(), w.DB, movetest.Tenant, ledger.Run{Pack: "clinic", Hash: id.Hash, Touched: heldRows(t, w)[0].At}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Question().Prove(t.Context()); !fault.Is(err, fault.Conflict) {
			t.Error(err)
		}
		if _, err := w.Mover().Retry(t.Context(), nil); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "in the middle") {
			t.Error(err)
		}
		if res := w.Move(); !res.Resumed {
			t.Errorf("%+v", res)
		}
		w.Want(w.Prove(), 0)
	})
}

// TestARetryThatDiesUnderAMendedMapping needs no more than the run that the mended mapping needs anyhow; so does a new source.
func TestARetryThatDiesUnderAMendedMapping(t *testing.T) {
	for name, change := range map[string]func(*testing.T, *movetest.World){
		"mapping": useOpenPack,
		"source":  func(_ *testing.T, w *movetest.World) { w.Clinic.Set("Clinic.Person", 5, "sex", "F") },
	} {
		t.Run(name, func(t *testing.T) {
			movetest.Both(t, func(t *testing.T, w *movetest.World) {
				w.Fill(10)
				w.Clinic.Set("Clinic.Person", 5, "sex", "X")
				w.Move()
				want := ledger.Run{Pack: "clinic", Hash: w.Clinic.Identity().Hash, Touched: heldRows(t, w)[0].At}
				if _, err := ledger.Reopen(t.Context(), w.DB, movetest.Tenant, want); err != nil {
					t.Fatal(err)
				}
				change(t, w)
				if res := w.Move(); res.Resumed {
					t.Errorf("%+v", res)
				}
				w.Want(w.Prove(), 0)
				if held := heldRows(t, w); len(held) != 0 {
					t.Errorf("%+v", held)
				}
			})
		})
	}
}

// TestARetryThatIsStopped ends between two rows, and the books are closed.
func TestARetryThatIsStopped(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Fill(10)
		for i := range 5 {
			w.Clinic.Set("Clinic.Person", 1+i, "sex", "X")
		}
		w.Move()
		ctx, stop := context.WithCancel(t.Context())
		w.Told = func(move.Progress) { stop() }
		if _, err := w.Mover().Retry(ctx, nil); err == nil {
			t.Error("it was not stopped")
		}
		w.Want(w.Prove(), 0)
	})
}
