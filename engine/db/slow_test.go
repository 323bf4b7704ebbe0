package db_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/fault"
)

// TestSlowCallsAreExplained tells of a slow call once, with its plan and without its arguments.
func TestSlowCallsAreExplained(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		told := make(chan db.Slow, 10)
		q, err := db.Open(t.Context(), url, db.Options{Slow: time.Nanosecond, OnSlow: func(s db.Slow) { told <- s }})
		if err != nil {
			t.Fatal(err)
		}
		stmt := db.Same("SELECT COUNT(*) FROM (SELECT 1 AS one) x WHERE x.one = $1 OR 'name' = $2")
		for range 3 {
			if err := q.Query(t.Context(), stmt, []any{1, "secret"}, func(db.Row) error { return nil }); err != nil {
				t.Fatal(err)
			}
		}
		s := <-told
		if s.Err != nil || s.Took <= 0 || s.Statement != stmt.SQLite || len(s.Plan) == 0 {
			t.Errorf("told %+v", s)
		}
		if plan := strings.Join(s.Plan, "\n"); strings.Contains(plan, "secret") {
			t.Errorf("the plan shows an argument:\n%s", plan)
		}
		if err := q.Query(t.Context(), db.Same("SELECT 1"), nil, func(db.Row) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if err := q.Close(); err != nil {
			t.Fatal(err)
		}
		close(told)
		for s := range told {
			if s.Statement == stmt.SQLite {
				t.Errorf("told twice within a minute: %s", s)
			}
		}
	})
}

// TestATimeOutIsToldToo looks at a call that the database stopped.
func TestATimeOutIsToldToo(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		told := make(chan db.Slow, 1)
		o := db.Options{StatementTimeout: 50 * time.Millisecond, Slow: 40 * time.Millisecond, OnSlow: func(s db.Slow) { told <- s }}
		q := dbtest.Open(t, url, o)
		endless := db.Same("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT COUNT(*) FROM n")
		err := q.Query(context.Background(), endless, nil, func(db.Row) error { return nil })
		if !fault.Is(err, fault.TimedOut) {
			t.Errorf("the call: %v", err)
		}
		if s := <-told; s.Err == nil || len(s.Plan) == 0 {
			t.Errorf("told %+v", s)
		}
	})
}
