package bench

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
)

// Plan says what is measured and how long.
type Plan struct {
	Workloads []Workload
	Time      time.Duration // for all turns together
	Rounds    int           // turns of each contender at each workload; default 3
	Seed      uint64
	Progress  func(workload string, done, of int)
}

// warmUp is how long each contender works before its first turn at a workload, unmeasured; less if there is little time.
const warmUp = 500 * time.Millisecond

// Run measures. The second contender is the limit that the first is held against.
func Run(ctx context.Context, contenders []Contender, p Plan) (Report, error) {
	if p.Rounds == 0 {
		p.Rounds = 3
	}
	warm, each := p.turns(contenders)
	r := Report{Slice: each.Seconds(), Rounds: p.Rounds}
	for _, c := range contenders {
		idle, _ := c.memory()
		r.Contenders = append(r.Contenders, Server{Name: c.Name, Start: c.Start, Idle: idle})
	}
	for i, w := range p.Workloads {
		if p.Progress != nil {
			p.Progress(w.Name, i, len(p.Workloads))
		}
		row, err := measure(ctx, among(contenders, w), w, p, warm, each)
		r.Rows = append(r.Rows, row)
		if err != nil {
			return r, err
		}
	}
	return r, r.finish(contenders)
}

// turns are the lengths of a warm-up and of a turn.
func (p Plan) turns(contenders []Contender) (warm, each time.Duration) {
	n := 0
	for _, w := range p.Workloads {
		n += len(among(contenders, w))
	}
	n = max(n, 1)
	warm = min(warmUp, p.Time/time.Duration(5*n))
	return warm, (p.Time - time.Duration(n)*warm) / time.Duration(n*p.Rounds)
}

// LeastTurn is the shortest turn that says anything.
const LeastTurn = 20 * time.Millisecond

// Needs is the time that the plan must have at least for these contenders.
func (p Plan) Needs(contenders []Contender) time.Duration {
	n := 0
	for _, w := range p.Workloads {
		n += len(among(contenders, w))
	}
	return time.Duration(n*p.Rounds) * LeastTurn * 5 / 4 // what is unmeasured takes a fifth
}

func among(contenders []Contender, w Workload) []Contender {
	return slices.DeleteFunc(slices.Clone(contenders), func(c Contender) bool { return c.Only != "" && !strings.HasPrefix(w.Name, c.Only) })
}

// measure lets the contenders take turns at one workload.
func measure(ctx context.Context, contenders []Contender, w Workload, p Plan, warm, each time.Duration) (Row, error) {
	row := Row{Workload: w.Name, Clients: w.Clients, Unit: w.Unit, Goal: w.Goal}
	turns := make([][]slice, len(contenders))
	for round := range p.Rounds {
		for i, c := range contenders {
			if round == 0 {
				if _, err := turn(ctx, c, w, warm, p.Seed); err != nil {
					return row, err
				}
			}
			var s slice
			n, err := c.written(func() (err error) {
				s, err = turn(ctx, c, w, each, p.Seed+uint64(round)+1)
				return err
			})
			if err != nil {
				return row, err
			}
			s.written = n
			turns[i] = append(turns[i], s)
		}
	}
	for i, c := range contenders {
		row.Results = append(row.Results, result(c.Name, turns[i], turns[0]))
	}
	return row, nil
}

func result(name string, turns, first []slice) Result {
	r := Result{Name: name}
	var rates, ratios, written []float64
	var waits []time.Duration
	kinds := map[string][]time.Duration{}
	for i, s := range turns {
		rates = append(rates, s.rate())
		if s.units > 0 {
			ratios = append(ratios, first[i].rate()/s.rate())
			written = append(written, float64(s.written)/float64(s.units))
		}
		waits = append(waits, s.waits...)
		for kind, w := range s.kinds {
			kinds[kind] = append(kinds[kind], w...)
		}
		r.Errors += s.errors
		r.Status = max(r.Status, s.status)
	}
	slices.Sort(waits)
	r.Rate, r.First, r.Written = median(rates), median(ratios), median(written)
	r.P50, r.P99 = milliseconds(waits, 0.5), milliseconds(waits, 0.99)
	for kind, w := range kinds {
		slices.Sort(w)
		r.Kinds = append(r.Kinds, Kind{Name: kind, Requests: len(w), P50: milliseconds(w, 0.5), P99: milliseconds(w, 0.99)})
	}
	slices.SortFunc(r.Kinds, func(a, b Kind) int { return cmp.Or(cmp.Compare(b.P50, a.P50), cmp.Compare(a.Name, b.Name)) })
	return r
}

func milliseconds(waits []time.Duration, q float64) float64 {
	return quantile(waits, q).Seconds() * 1e3
}
