package proof_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/strangler/movetest"
)

// TestWhatIsWrittenMeanwhileIsNoFault changes persons as long as the proof goes on.
func TestWhatIsWrittenMeanwhileIsNoFault(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Batch = 500
		w.Fill(300)
		w.Move()
		list, _, err := w.Store.Scan(t.Context(), movetest.Tenant, []string{"Patient"}, 0, 300)
		must(t, err)
		var others sync.WaitGroup
		var stop atomic.Bool
		others.Go(func() {
			for i := 0; !stop.Load(); i++ {
				if err := turn(t, w, list[i%len(list)].ID); err != nil {
					t.Error(err)
					return
				}
			}
		})
		for range 3 {
			w.Want(w.Prove(), 0)
		}
		stop.Store(true)
		others.Wait()
	})
}

// turn gives a person a language, or takes it away.
func turn(t *testing.T, w *movetest.World, id string) error {
	desk := w.Store.As(access.Inside(movetest.Tenant, "clinician"))
	now, err := desk.Read(t.Context(), "Patient", id)
	if err != nil {
		return err
	}
	const language = `"language":"fr",`
	body := strings.Replace(string(now.Body), language, "", 1)
	if body == string(now.Body) {
		body = strings.Replace(body, `"meta"`, language+`"meta"`, 1)
	}
	r, err := fhir.Parse([]byte(body), fhir.Limits{})
	if err != nil {
		return err
	}
	_, err = desk.Update(t.Context(), r)
	return err
}

// TestARunThatBeginsMeanwhile: one certificate speaks of one run.
func TestARunThatBeginsMeanwhile(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Fill(10)
		w.Move()
		var began atomic.Bool
		w.Clinic.Fail = func(string, int) error {
			if began.CompareAndSwap(false, true) {
				w.Move()
			}
			return nil
		}
		if _, err := w.Question().Prove(t.Context()); !fault.Is(err, fault.Conflict) {
			t.Error(err)
		}
		w.Clinic.Fail = nil
		w.Want(w.Prove(), 0)
	})
}
