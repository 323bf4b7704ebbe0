package move_test

import (
	"testing"

	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/strangler/movetest"
)

func answer(w *movetest.World, serial string) (text string) {
	w.T.Helper()
	return w.Text(`SELECT coalesce(max(answer), 'none') FROM test_secret WHERE serial = $1`, serial)
}

func answers(text string) map[string]*string { return map[string]*string{"answer": &text} }

func TestARecordThatWasChangedHereIsNotOverwritten(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Fill(12)
		w.Move()
		w.ChangeSecret("3", answers("made here"))
		w.ChangeSecret("4", map[string]*string{"question": nil})
		w.ForgetSecret("5")
		for i := 3; i <= 6; i++ {
			w.Clinic.Set("Clinic.Secret", i, "answer", "made there")
		}
		res := w.Move()
		if res.Wrote != 1 {
			t.Errorf("%+v", res)
		}
		for serial, want := range map[string]string{"3": "made here", "5": "none", "6": "made there"} {
			if got := answer(w, serial); got != want {
				t.Errorf("%s: %q, want %q", serial, got, want)
			}
		}
		if got := answer(w, "4"); got == "made there" {
			t.Error("a record that was changed here was overwritten")
		}
		held := heldRows(t, w)
		if len(held) != 3 || held[0].Rule != "store" {
			t.Fatalf("%+v", held)
		}
		w.Want(w.Prove(), 0)
		res2, err := w.Mover().Retry(t.Context(), nil)
		if err != nil || len(res2.Held) != 3 {
			t.Errorf("%+v, %v", res2, err)
		}
		w.ChangeSecret("3", answers(movetest.Answer(3)))
		if res2, err = w.Mover().Retry(t.Context(), nil); err != nil || res2.Taken != 1 || answer(w, "3") != "made there" {
			t.Errorf("%+v, %v: %s", res2, err, answer(w, "3"))
		}
		w.Want(w.Prove(), 0)
	})
}

func TestARecordThatIsThereAlreadyIsNotOverwritten(t *testing.T) {
	w := movetest.New(t, dbtest.SQLite(t))
	w.Fill(5)
	w.Move()
	w.SQL(`DELETE FROM strangler_link WHERE type = (SELECT id FROM strangler_name WHERE name = 'test.Secret')`)
	w.SQL(`DELETE FROM strangler_row WHERE tbl = (SELECT id FROM strangler_name WHERE name = 'Clinic.Secret')`)
	w.SQL(`UPDATE test_secret SET answer = 'made here'`)
	if _, err := w.Mover().Run(t.Context(), false); !fault.Is(err, fault.Conflict) {
		t.Errorf("a run in books that somebody has changed: %v", err)
	}
	if _, err := w.Mover().Run(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if held := heldRows(t, w); len(held) != 5 || answer(w, "2") != "made here" {
		t.Errorf("%d rows in quarantine, answer %s", len(held), answer(w, "2"))
	}
}

func TestARecordThatDidNotChangeIsNotWritten(t *testing.T) {
	w := movetest.New(t, dbtest.SQLite(t))
	w.Fill(5)
	w.Move()
	w.SQL(`UPDATE strangler_row SET image = leaf WHERE tbl = (SELECT id FROM strangler_name WHERE name = 'Clinic.Secret')`)
	w.ChangeSecret("2", answers("made here"))
	if res, err := w.Mover().Run(t.Context(), true); err != nil || res.Wrote != 0 || res.Same != 20 {
		t.Errorf("%+v, %v", res, err)
	}
	if got := answer(w, "2"); got != "made here" {
		t.Error(got)
	}
}

func TestARecordGoesWithItsRow(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Fill(12)
		w.Move()
		w.Clinic.Delete("Clinic.Secret", 3)
		w.Clinic.Delete("Clinic.Secret", 4)
		if res := w.Move(); res.Vanished != 2 || res.Deleted != 0 {
			t.Errorf("%+v", res)
		}
		w.Want(w.Prove(), 2)
		w.ChangeSecret("4", answers("made here"))
		w.Delete = true
		if res := w.Move(); res.Deleted != 1 || res.Left != 1 {
			t.Errorf("%+v", res)
		}
		if answer(w, "3") != "none" || answer(w, "4") != "made here" {
			t.Errorf("%s, %s", answer(w, "3"), answer(w, "4"))
		}
		w.Want(w.Prove(), 1)
		w.ChangeSecret("4", answers(movetest.Answer(4)))
		if res := w.Move(); res.Deleted != 1 || res.Left != 0 {
			t.Errorf("%+v", res)
		}
		w.Want(w.Prove(), 0)
		w.Person(3)
		if res := w.Move(); res.Wrote != 1 || answer(w, "3") != movetest.Answer(3) {
			t.Errorf("%+v, %s", res, answer(w, "3"))
		}
		w.Want(w.Prove(), 0)
	})
}

func TestARecordGoesWhenItsRowIsFiltered(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Fill(10)
		w.Move()
		w.Approve = []string{"Clinic.Secret:placeholder-row"}
		w.Clinic.Set("Clinic.Secret", 6, "question", "")
		res := w.Move()
		if res.Deleted != 1 || answer(w, "6") != "none" {
			t.Errorf("%+v, %s", res, answer(w, "6"))
		}
		w.Want(w.Prove(), 0)
	})
}
