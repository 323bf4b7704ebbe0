package app

import (
	"context"
	"encoding/json"
	"io"
	"runtime"
	"strings"
	"time"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/validate"
	"github.com/ficushealth/ficus/strangler/mapping"
	"github.com/ficushealth/ficus/strangler/move"
)

type migratePlan struct {
	origin
	Database
	Approve []string `help:"Let a filter leave out more than 1% of a table: TABLE or TABLE:REASON." placeholder:"TABLE[:REASON]" sep:","`
	Sample  int      `help:"Map only so many rows of each table; 0 is all." default:"0"`
	JSON    bool     `help:"Print the plan as JSON."`
}

// Help is shown by --help.
func (c *migratePlan) Help() string {
	return `Every row is read and mapped, and nothing is written; the database is not opened, and its kind only tells how long the move may take. The plan fails, and the exit code is 1, if a column is not named by the mapping, if a rule is wrong, or if a filter leaves out more than 1% of a table without approval.`
}

// Run prints the plan.
func (c *migratePlan) Run(ctx context.Context, s *Streams) error {
	l, err := c.open(ctx, s, c.Database)
	if err != nil {
		return err
	}
	defer l.close()
	if err := checkApprovals(l.pack, c.Approve); err != nil {
		return err
	}
	p, err := l.plan(ctx, c.Approve, c.Sample)
	if err != nil {
		return err
	}
	if c.JSON {
		if err := printJSON(s.Out, p); err != nil {
			return err
		}
	} else {
		printPlan(s.Out, l, p, c.DB)
	}
	return planFault(p)
}

func planFault(p *move.Plan) error {
	if len(p.Fails) == 0 {
		return nil
	}
	own := p.Fails[len(mapping.Fatal(p.Problems)):] // the problems stand in the plan
	if len(own) == 0 {
		return fault.New(fault.Unprocessable, "the plan fails: %d mistakes between the pack and the source, which stand above", len(p.Fails))
	}
	return fault.New(fault.Unprocessable, "the plan fails: %s", strings.Join(own, "\n  "))
}

func (l *legacy) plan(ctx context.Context, approve []string, sample int) (*move.Plan, error) {
	study := move.Study{
		Legacy: l.stage, Name: l.name, Pack: l.pack, Check: checkResource, Approve: approve, Sample: sample,
		Workers: runtime.GOMAXPROCS(0), Now: time.Now,
	}
	return study.Plan(ctx, l.problems)
}

// checkResource is what the store asks of every resource.
func checkResource(r fhir.Resource) error {
	if _, known := r4.ResourceIndex(r.Type()); !known {
		return fault.New(fault.Unknown, "there is no resource type of that name in R4")
	}
	for _, i := range validate.Base(r) {
		if !i.Warning {
			return fault.At(fault.Unprocessable, i)
		}
	}
	return nil
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func printPlan(w io.Writer, l *legacy, p *move.Plan, db string) {
	sayf(w, "Plan for pack %s (%s) and %s %s (%s)\n", l.name, short(l.pack.Hash()), p.Source.Kind, p.Source.Name, short(p.Source.Hash))
	t := &sheet{heads: []string{"TABLE", "ROWS", "MAPPED", "FILTERED", "QUARANTINE", "FINDINGS", "BECOMES "}}
	for _, x := range p.Tables {
		t.add(x.Name, count(x.Rows), count(x.Mapped), count(sum(x.Filtered)), count(sum(x.Refused)+x.Orphans), count(sum(x.Findings)), becomes(x))
	}
	t.print(w)
	printTallies(w, "\nFiltered, with the reason:", p, func(x move.PlannedTable) []move.Tally { return x.Filtered })
	printTallies(w, "\nQuarantine, with the rule that refuses:", p, func(x move.PlannedTable) []move.Tally { return x.Refused })
	printTallies(w, "\nOdd, and taken all the same:", p, func(x move.PlannedTable) []move.Tally { return x.Findings })
	printCodes(w, p)
	printUncovered(w, p.Uncovered)
	printProblems(w, p.Problems)
	if len(p.Fails) == 0 {
		sayf(w, "\n%s rows in %d tables; %s mapped in %s. Moving them takes about %s.", count(p.Rows), len(p.Tables), count(p.Mapped), span(p.Took), span(estimate(p, db)))
		sayf(w, "The plan can be run.")
	}
}

func becomes(x move.PlannedTable) string {
	if x.Child {
		return "part of " + strings.Join(x.Targets, ", ")
	}
	return strings.Join(x.Targets, ", ")
}

func sum(list []move.Tally) (n int64) {
	for _, t := range list {
		n += t.Rows
	}
	return n
}

func printTallies(w io.Writer, title string, p *move.Plan, of func(move.PlannedTable) []move.Tally) {
	t := &sheet{heads: []string{"  ROWS", "WHERE ", "WHAT "}}
	for _, x := range p.Tables {
		for _, y := range of(x) {
			where := y.Path
			if where == "" {
				where = x.Name
			}
			t.add("  "+count(y.Rows), where, strings.TrimSpace(y.Code+" "+y.Text+" "+at(y.Rule)))
		}
	}
	if len(t.rows) > 0 {
		sayf(w, "%s", title)
		t.print(w)
	}
}

// printCodes prints the codes that the terminology maps do not have, the most frequent first.
func printCodes(w io.Writer, p *move.Plan) {
	unmapped := func(list []move.Tally) (found []move.Tally) {
		for _, t := range list {
			if t.Code == mapping.Unmapped {
				found = append(found, t)
			}
		}
		return found
	}
	found := false
	for _, x := range p.Tables {
		found = found || len(unmapped(x.Findings))+len(unmapped(x.Refused)) > 0
	}
	if !found && p.Mapped > 0 {
		sayf(w, "\nEvery code that was found has a meaning in the mapping.")
	}
	printTallies(w, "\nCodes without a meaning in the mapping:", p, func(x move.PlannedTable) []move.Tally {
		return append(unmapped(x.Refused), unmapped(x.Findings)...)
	})
}

func at(rule string) string {
	if rule == "" {
		return ""
	}
	return "(" + rule + ")"
}

func printUncovered(w io.Writer, list []move.Uncovered) {
	rows, empty := int64(0), 0
	t := &sheet{heads: []string{"  TABLE", "ROWS"}}
	for _, u := range list {
		if rows += u.Rows; u.Rows == 0 {
			empty++
			continue
		}
		t.add("  "+u.Name, count(u.Rows))
	}
	if len(list) == 0 {
		return
	}
	sayf(w, "\nNot covered by the pack, and not moved: %s rows in %d tables, and %d empty tables", count(rows), len(t.rows), empty)
	if len(t.rows) > 0 {
		t.print(w)
	}
}

func printProblems(w io.Writer, list []mapping.Problem) {
	for i, p := range list {
		if i == 0 {
			sayf(w, "\nBetween the pack and the source:")
		}
		kind := "error"
		if p.Warning {
			kind = "warning"
		}
		sayf(w, "  %s: %s", kind, p)
	}
}

// estimate is about how long the move will take: mapping as measured, and writing at a rate that an ordinary machine keeps
// up.
func estimate(p *move.Plan, db string) time.Duration {
	const onSQLite, onPostgres = 4000, 3000 // rows written per second
	rate := onPostgres
	if strings.HasPrefix(db, "sqlite:") {
		rate = onSQLite
	}
	roots := int64(0)
	for _, t := range p.Tables {
		if !t.Child {
			roots += t.Rows
		}
	}
	mapping := time.Duration(0)
	if p.Mapped > 0 {
		mapping = time.Duration(float64(p.Took) * float64(roots) / float64(p.Mapped))
	}
	return mapping + time.Duration(float64(roots)/float64(rate)*float64(time.Second))
}
