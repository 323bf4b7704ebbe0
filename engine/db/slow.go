package db

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Slow is a call that took long. It holds no arguments, so no data of the rows.
type Slow struct {
	Took      time.Duration
	Statement string   // the SQL text
	Plan      []string // how the database carries it out, whatever the arguments
	Err       error    // of the call, or why there is no plan
}

// slowness watches for slow calls. One is explained at a time, in the background, and each statement once a minute at most.
type slowness struct {
	after time.Duration
	tell  func(Slow)

	mu   sync.Mutex
	busy bool
	told map[string]time.Time
	wait sync.WaitGroup
}

const (
	slowPause   = time.Minute
	slowKept    = 1000 // statements whose last time is remembered
	explainTime = 5 * time.Second
)

func newSlowness(o Options) *slowness {
	if o.OnSlow == nil || o.Slow <= 0 {
		return nil
	}
	return &slowness{after: o.Slow, tell: o.OnSlow, told: map[string]time.Time{}}
}

// saw is told of every call. Of a pipeline it knows the time of the whole only, so it looks at calls of one statement.
func (w *slowness) saw(p pool, d Dialect, items []item, began time.Time, err error) {
	if w == nil || len(items) != 1 {
		return
	}
	now := time.Now()
	slow := Slow{Took: now.Sub(began), Statement: items[0].stmt.in(d), Err: err}
	if slow.Took < w.after || !w.due(slow.Statement, now) {
		return
	}
	w.wait.Go(func() {
		plan, err := explained(p, slow.Statement)
		slow.Plan = plan
		if slow.Err == nil {
			slow.Err = err
		}
		w.tell(slow)
		w.mu.Lock()
		defer w.mu.Unlock()
		w.busy = false
	})
}

// due reports whether the statement is to be explained now.
func (w *slowness) due(statement string, now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.busy || now.Sub(w.told[statement]) < slowPause {
		return false
	}
	if len(w.told) >= slowKept {
		clear(w.told)
	}
	w.told[statement], w.busy = now, true
	return true
}

// end waits for the explanation under way.
func (w *slowness) end() {
	if w != nil {
		w.wait.Wait()
	}
}

func explained(p pool, statement string) ([]string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), explainTime)
	defer cancel()
	s, err := p.acquire(ctx, false)
	if err != nil {
		return nil, err
	}
	defer s.release()
	return s.plan(ctx, statement)
}

// plan asks for the plan that serves all arguments: it names them by number, and those that it is asked with are NULL.
func (s *pgSession) plan(ctx context.Context, sql string) ([]string, error) {
	const name = "ficus_slow"
	conn := s.conn.PgConn()
	stmt, err := conn.Prepare(ctx, name, sql, nil)
	if err != nil {
		return nil, s.fault(err)
	}
	nulls := strings.TrimPrefix(strings.Repeat(", NULL", len(stmt.ParamOIDs)), ", ")
	if nulls != "" {
		nulls = "(" + nulls + ")"
	}
	results, err := conn.Exec(ctx, "BEGIN; SET LOCAL plan_cache_mode = force_generic_plan; EXPLAIN EXECUTE "+name+nulls+"; ROLLBACK; DEALLOCATE "+name).ReadAll()
	if err != nil {
		return nil, s.fault(err)
	}
	var plan []string
	for _, r := range results {
		for _, row := range r.Rows {
			plan = append(plan, string(row[0]))
		}
	}
	return plan, nil
}

func (s *liteSession) plan(_ context.Context, sql string) ([]string, error) {
	stmt, err := s.conn.prepare("EXPLAIN QUERY PLAN " + sql)
	if err != nil {
		return nil, err
	}
	defer stmt.Reset()
	var plan []string
	depth := map[int64]int{}
	for {
		more, err := stmt.Step()
		if err != nil || !more {
			return plan, liteFault(err)
		}
		depth[stmt.ColumnInt64(0)] = depth[stmt.ColumnInt64(1)] + 1
		plan = append(plan, strings.Repeat("  ", depth[stmt.ColumnInt64(1)])+stmt.ColumnText(3))
	}
}

// String is for a log: the beginning of the statement and the time.
func (s Slow) String() string {
	return head(s.Statement) + " took " + strconv.FormatInt(s.Took.Milliseconds(), 10) + " ms"
}
