package app

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
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
	noAddress
	Place
	Approve []string `help:"Let a filter leave out more than 1% of a table: TABLE or TABLE:REASON." placeholder:"TABLE[:REASON]" sep:","`
	Sample  int      `help:"Map only so many rows of each table; 0 is all." default:"0"`
	JSON    bool     `help:"Print the plan as JSON."`
}

// Help is shown by --help.
func (c *migratePlan) Help() string {
	return `Every row is read and mapped, and nothing is written; of the database, if it is there, only the key under which the rows of the dump are kept is read; its kind tells how long the move may take. The plan fails, and the exit code is 1, if a table that the mapping covers is not there, if a column is not named by the mapping, if a rule is wrong, if a code has no meaning in the mapping and its rule does not say what becomes of such rows, or if a filter leaves out more than 1% of a table without approval.`
}

// Run prints the plan.
func (c *migratePlan) Run(ctx context.Context, s *Streams) error {
	l, err := c.open(ctx, s, c.Place)
	if err != nil {
		return err
	}
	defer l.close()
	if err := checkApprovals(l.pack, c.Approve); err != nil {
		return err
	}
	p, err := l.plan(ctx, c.Approve, c.Sample, c.DB)
	if err != nil {
		return err
	}
	if c.JSON {
		if err := printJSON(s.Out, p); err != nil {
			return err
		}
	} else {
		printPlan(s.Out, l, p)
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

func (l *legacy) plan(ctx context.Context, approve []string, sample int, db string) (*move.Plan, error) {
	study := move.Study{
		Legacy: l.stage, Name: l.name, Pack: l.pack, Check: checkResource, Approve: approve, Sample: sample,
		Workers: runtime.GOMAXPROCS(0), Now: time.Now, Rate: writeRate(db),
	}
	return study.Plan(ctx, l.problems)
}

// checkResource is what the store asks of every resource.
func checkResource(r fhir.Resource) error {
	if _, known := r4.ResourceIndex(r.Type()); !known {
		return fault.New(fault.Unknown, "there is no resource type of that name in R4")
	}
	issues, err := validate.OnWrite(nil, r)
	if err != nil {
		return err
	}
	for _, i := range issues {
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

func printPlan(w io.Writer, l *legacy, p *move.Plan) {
	sayf(w, "Plan for pack %s (%s) and %s %s (%s)\n", l.name, short(l.pack.Hash()), p.Source.Kind, p.Source.Name, short(p.Source.Hash))
	t := &sheet{heads: []string{"TABLE", "ROWS", "MAPPED", "FILTERED", "QUARANTINE", "FINDINGS", "UNMAPPED COLUMNS", "CODES", "TIME", "BECOMES "}}
	for _, x := range p.Tables {
		t.add(x.Name, count(x.Rows), count(x.Mapped), count(x.Left), count(x.Quarantined), count(sum(x.Findings)), count(x.Unnamed),
			coverage(x), timeOf(x), becomes(x))
	}
	t.print(w)
	printTallies(w, "\nFiltered, with the reason:", p, func(x move.PlannedTable) []move.Tally { return x.Filtered })
	printTallies(w, "\nQuarantine, with the rule that refuses:", p, func(x move.PlannedTable) []move.Tally { return x.Refused })
	printTallies(w, "\nOdd, and taken all the same:", p, func(x move.PlannedTable) []move.Tally { return slices.DeleteFunc(slices.Clone(x.Findings), isCode) })
	printCodes(w, p)
	printUncovered(w, p.Uncovered)
	printProblems(w, p.Problems)
	if len(p.Fails) == 0 {
		sayf(w, "\n%s rows in %d tables, looked at in %s. Moving them takes about %s.", count(p.Rows), len(p.Tables), span(p.Took), span(p.Time))
		sayf(w, "The plan can be run.")
	}
}

// coverage is how many of the codes that were looked up have a meaning in the mapping.
func coverage(x move.PlannedTable) string {
	if x.Codes == 0 {
		return "-"
	}
	percent := 100 * float64(x.Codes-x.Unmapped) / float64(x.Codes)
	if x.Unmapped > 0 {
		percent = min(percent, 99.99) // never rounded to all
	}
	return strings.TrimSuffix(fmt.Sprintf("%.2f", percent), ".00") + "% of " + count(x.Codes)
}

// timeOf is how long the table may take; children go with their roots.
func timeOf(x move.PlannedTable) string {
	if x.Child {
		return "-"
	}
	return span(x.Time)
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
			t.add("  "+count(y.Rows), where, strings.Join(slices.DeleteFunc([]string{y.Code, shownCode(y), y.Text, at(y.Rule)}, isEmpty), " "))
		}
	}
	if len(t.rows) > 0 {
		sayf(w, "%s", title)
		t.print(w)
	}
}

// isCode tells a code that the terminology maps do not have.
func isCode(t move.Tally) bool { return t.Code == mapping.Unmapped }

func shownCode(t move.Tally) string {
	switch {
	case !isCode(t):
		return ""
	case t.Value == "":
		return "(the column is not declared as not sensitive, so its codes are not shown)"
	}
	return strconv.Quote(t.Value)
}

func isEmpty(s string) bool { return s == "" }

// printCodes prints the codes that the terminology maps do not have, the most frequent first.
func printCodes(w io.Writer, p *move.Plan) {
	looked := int64(0)
	var codes []move.Tally
	for _, x := range p.Tables {
		looked += x.Codes
		for _, t := range slices.Concat(x.Refused, x.Findings) {
			if isCode(t) {
				codes = append(codes, t)
			}
		}
	}
	if len(codes) == 0 && looked > 0 {
		sayf(w, "\nEvery code that was found has a meaning in the mapping.")
	}
	slices.SortStableFunc(codes, func(a, b move.Tally) int { return cmp.Compare(b.Rows, a.Rows) })
	printTallies(w, "\nCodes without a meaning in the mapping:", &move.Plan{Tables: []move.PlannedTable{{Findings: codes}}},
		func(x move.PlannedTable) []move.Tally { return x.Findings })
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

// writeRate is how many rows of root tables an ordinary machine writes in a second.
func writeRate(db string) int {
	const onSQLite, onPostgres = 4000, 3000
	if strings.HasPrefix(db, "sqlite:") {
		return onSQLite
	}
	return onPostgres
}
