package app

import (
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/packs/opal/synth"
)

// TestAMergeOfMigratedPatientsIsNoDifference: what it changes was changed here, records of modules included, and the proof and
// a replay go on as before; so they do when it was taken back.
func TestAMergeOfMigratedPatientsIsNoDifference(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		m := newMigration(t, url, synthetic(t, synth.Options{Patients: 3, Results: 2, Appointments: 1}))
		m.done(m.on("run")...)
		var source, target string
		for _, operation := range []string{"merge", "unmerge"} {
			m.with(func(a *App) {
				if source == "" {
					source, target = twoWithAnswers(t, a)
				}
				held := answersOf(t, a, source) + answersOf(t, a, target)
				m.call(a, operation, source, target)
				left := answersOf(t, a, source)
				if operation == "merge" && (left != 0 || answersOf(t, a, target) != held) || operation == "unmerge" && left == 0 {
					t.Errorf("after %s, %d of %d answers name the source", operation, left, held)
				}
			})
			if c := m.certificate(); c.Differences != 0 {
				t.Errorf("after %s: %+v", operation, c.Differing)
			}
			m.done(m.on("run")...)
		}
	})
}

// with opens the program on the migration's database.
func (m *migration) with(do func(*App)) {
	m.Helper()
	a, err := Open(m.Context(), Config{Database: Database{DB: m.db, KeyFile: m.key}}, slog.New(slog.DiscardHandler))
	if err != nil {
		m.Fatal(err)
	}
	defer a.Close()
	do(a)
}

func (m *migration) call(a *App, operation, source, target string) {
	m.Helper()
	h, err := a.Handler()
	if err != nil {
		m.Fatal(err)
	}
	server := httptest.NewServer(h)
	defer server.Close()
	body := fmt.Sprintf(`{"resourceType":"Parameters","parameter":[{"name":"source-patient","valueReference":{"reference":"Patient/%s"}},`+
		`{"name":"target-patient","valueReference":{"reference":"Patient/%s"}}]}`, source, target)
	res, answer := say(m.T, server.URL, "POST /fhir/Patient/$"+operation+"\nAuthorization: Bearer "+token(m.T, a, "system/*.cruds")+"\n\n"+body)
	if res.StatusCode != 200 || !strings.Contains(answer, "records of other modules follow") {
		m.Fatal(operation, res.StatusCode, answer)
	}
}

func twoWithAnswers(t *testing.T, a *App) (source, target string) {
	t.Helper()
	var ids []string
	err := a.DB.Query(t.Context(), db.Same(`SELECT DISTINCT patient FROM caregivers_answer WHERE patient IS NOT NULL ORDER BY patient`), nil, func(r db.Row) error {
		ids = append(ids, r.Text(0))
		return nil
	})
	if err != nil || len(ids) < 2 {
		t.Fatal(ids, err)
	}
	return ids[0], ids[1]
}

func answersOf(t *testing.T, a *App, patient string) (n int64) {
	t.Helper()
	err := a.DB.Query(t.Context(), db.Same(`SELECT count(*) FROM caregivers_answer WHERE patient = $1`), []any{patient}, func(r db.Row) error {
		n = r.Int64(0)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
