package move

import "time"

// Progress says how far a run is.
type Progress struct {
	Step, Steps int // of the run, the first one is 1
	Map, Table  string
	Sweep       bool  // it looks for children without a root
	Done, Total int64 // rows of the step
	All, Sum    int64 // rows of all steps: seen, and in all
	Rate        float64
	Left        time.Duration // at that rate
}

// progress adds up what the run has seen.
type progress struct {
	m      *Mover
	walks  []*walk
	begun  time.Time
	before int64 // rows seen in earlier sittings
	all    int64
	sum    int64
}

func newProgress(m *Mover, walks []*walk) *progress {
	p := &progress{m: m, walks: walks, begun: m.Now()}
	for _, w := range walks {
		p.before += w.step.Rows
		p.sum += w.total
	}
	p.all = p.before
	return p
}

func (p *progress) tell(w *walk, rows int) {
	p.all += int64(rows)
	if p.m.Progress == nil {
		return
	}
	now := Progress{
		Step: int(w.step.Number), Steps: len(p.walks), Map: w.mp.Name, Table: w.table.String(), Sweep: w.sweep(),
		Done: w.step.Rows, Total: w.total, All: p.all, Sum: p.sum,
	}
	if took := p.m.Now().Sub(p.begun); took > 0 {
		now.Rate = float64(p.all-p.before) / took.Seconds()
	}
	if now.Rate > 0 {
		now.Left = time.Duration(float64(p.sum-p.all) / now.Rate * float64(time.Second))
	}
	p.m.Progress(now)
}
