package app

import (
	"cmp"
	"context"
	"io"
	"slices"
	"time"

	"github.com/ficushealth/ficus/strangler/crosswalk"
	"github.com/ficushealth/ficus/strangler/ledger"
)

type migrateStatus struct {
	noOrigin
	Place
	JSON bool `help:"Print it as JSON."`
}

// Run prints what the ledger says. It can be asked while a run is at work.
func (c *migrateStatus) Run(ctx context.Context, s *Streams) error {
	a, err := readAt(ctx, c.Place)
	if err != nil {
		return err
	}
	defer a.Close()
	st, err := a.status(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.Out, st)
	}
	if len(st.Runs) == 0 {
		sayf(s.Out, "Nothing has been moved yet.")
		return nil
	}
	for _, r := range st.Runs {
		printRun(s.Out, r)
	}
	printTables(s.Out, st)
	return nil
}

// moveStatus is what the books say.
type moveStatus struct {
	Runs       []runStatus   `json:"runs"`
	Tables     []tableStatus `json:"tables"`
	Findings   []rowsOf      `json:"findings"` // of the last run
	Quarantine int64         `json:"quarantine"`
}

type runStatus struct {
	ID      int64     `json:"id"`
	Pack    string    `json:"pack"`
	Mapping string    `json:"mapping"`
	Source  string    `json:"source"`
	State   string    `json:"state"`
	Started time.Time `json:"started"`
	Touched time.Time `json:"touched"`
	Rows    int64     `json:"rows"`
	Wrote   int64     `json:"wrote"`
	Same    int64     `json:"same"`
	Step    int       `json:"step"` // steps that are done
	Steps   int       `json:"steps"`
}

type tableStatus struct {
	Name        string   `json:"name"`
	Mapped      int64    `json:"mapped"`
	Filtered    int64    `json:"filtered"`
	Quarantined int64    `json:"quarantined"`
	Gone        int64    `json:"gone"` // rows that the source does not hold any more
	Reasons     []rowsOf `json:"reasons"`
}

type rowsOf struct {
	Name string `json:"name"`
	Rows int64  `json:"rows"`
}

func (a *Tenancy) status(ctx context.Context) (st moveStatus, err error) {
	st = moveStatus{Runs: []runStatus{}, Tables: []tableStatus{}, Findings: []rowsOf{}}
	if made, err := ledger.Exists(ctx, a.DB); err != nil || !made {
		return st, err
	}
	names, err := crosswalk.LoadNames(ctx, a.DB, a.Tenant)
	if err != nil {
		return st, err
	}
	if err := a.runStatus(ctx, &st, names); err != nil {
		return st, err
	}
	if st.Quarantine, err = ledger.CountHeld(ctx, a.DB, a.Tenant); err != nil {
		return st, err
	}
	return st, a.tableStatus(ctx, &st, names)
}

func (a *Tenancy) runStatus(ctx context.Context, st *moveStatus, names *crosswalk.Names) error {
	runs, err := ledger.Runs(ctx, a.DB, a.Tenant)
	if err != nil {
		return err
	}
	for _, r := range runs {
		steps, err := ledger.Steps(ctx, a.DB, a.Tenant, r.ID)
		if err != nil {
			return err
		}
		s := runStatus{ID: r.ID, Pack: r.Pack, Mapping: r.Mapping, Source: r.Source, State: r.State.String(), Started: r.Started, Touched: r.Touched, Steps: len(steps)}
		s.add(steps)
		st.Runs = append(st.Runs, s)
	}
	if len(runs) == 0 {
		return nil
	}
	findings, err := ledger.Findings(ctx, a.DB, a.Tenant, runs[len(runs)-1].ID)
	for f, n := range findings {
		st.Findings = append(st.Findings, rowsOf{names.Name(f.What), n})
	}
	slices.SortFunc(st.Findings, func(a, b rowsOf) int { return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Name, b.Name)) })
	return err
}

// add sums the steps up as the run did. The first step of a map walks over its root table, the others look for children
// without a root, whose rows are not counted again.
func (s *runStatus) add(steps []ledger.Step) {
	walked := map[int32]bool{}
	for _, x := range steps {
		if !walked[x.Map] {
			s.Rows, s.Same = s.Rows+x.Rows, s.Same+x.Same
		}
		walked[x.Map], s.Wrote = true, s.Wrote+x.Wrote
		if x.Done {
			s.Step++
		}
	}
}

func (a *Tenancy) tableStatus(ctx context.Context, st *moveStatus, names *crosswalk.Names) error {
	counts, err := ledger.CountRows(ctx, a.DB, a.Tenant)
	for id, c := range counts {
		t := tableStatus{Name: names.Name(id), Mapped: c.Mapped, Filtered: c.Filtered, Quarantined: c.Quarantined, Gone: c.Gone, Reasons: []rowsOf{}}
		for reason, n := range c.Reasons {
			t.Reasons = append(t.Reasons, rowsOf{names.Name(reason), n})
		}
		slices.SortFunc(t.Reasons, func(a, b rowsOf) int { return cmp.Compare(a.Name, b.Name) })
		st.Tables = append(st.Tables, t)
	}
	slices.SortFunc(st.Tables, func(a, b tableStatus) int { return cmp.Compare(a.Name, b.Name) })
	return err
}

func printRun(w io.Writer, r runStatus) {
	sayf(w, "Run %d of pack %s (%s), %s: %s, %d of %d steps, %s rows of root tables, %s unchanged, %s resources and records written, begun %s, last commit %s UTC", r.ID, r.Pack,
		short(r.Mapping), r.Source, r.State, r.Step, r.Steps, count(r.Rows), count(r.Same), count(r.Wrote), r.Started.UTC().Format(time.DateTime), r.Touched.UTC().Format(time.DateTime))
	if r.State == ledger.Running.String() {
		sayf(w, "  If its last commit grows no newer, it was broken off; the command that began it goes on where it was")
	}
}

func printTables(w io.Writer, st moveStatus) {
	t := &sheet{heads: []string{"\nTABLE", "MAPPED", "FILTERED", "QUARANTINE", "GONE"}}
	for _, x := range st.Tables {
		t.add(x.Name, count(x.Mapped), count(x.Filtered), count(x.Quarantined), count(x.Gone))
	}
	t.print(w)
	for i, f := range st.Findings {
		if i == 0 {
			sayf(w, "\nOdd in the last run, and taken all the same:")
		}
		sayf(w, "  %s  %s", count(f.Rows), f.Name)
	}
	if st.Quarantine > 0 {
		sayf(w, "\n%s rows wait in quarantine: ficus migrate quarantine list", count(st.Quarantine))
	}
}

// printBooks prints what the books say after a run.
func (a *Tenancy) printBooks(ctx context.Context, w io.Writer, _ ledger.Run) error {
	st, err := a.status(ctx)
	if err == nil {
		printTables(w, st)
	}
	return err
}
