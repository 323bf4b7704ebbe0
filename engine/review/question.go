package review

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/search"
)

// Params are the search parameters that AuditEvents are found by.
func Params() []string {
	return []string{"_id", "_lastUpdated", "action", "agent", "altid", "date", "entity", "outcome", "patient", "subtype", "type"}
}

// question turns a search into a question. nothing: no entry can meet it. Faults: Invalid, which names what cannot be asked.
func question(q search.Query) (asked audit.Question, nothing bool, err error) {
	if err := whole(q); err != nil {
		return asked, false, err
	}
	a := asker{}
	for _, c := range q.Clauses {
		if err := a.clause(c); err != nil {
			return asked, false, err
		}
	}
	if q.Compartment.ID != "" {
		a.add([]audit.Filter{{Patient: q.Compartment.ID}})
	}
	return audit.Question{Filter: a.f, Count: max(q.Count, 0), Cursor: q.Cursor}, a.nothing, nil
}

// whole refuses what is asked beside conditions.
func whole(q search.Query) error {
	newest := len(q.Sort) == 0 || len(q.Sort) == 1 && q.Sort[0].Desc && len(q.Sort[0].Via) == 0 && slices.Contains([]string{"date", "_lastUpdated"}, q.Sort[0].Code)
	switch {
	case q.Contained != search.ContainedFalse:
		return cannot("_contained", "nothing is contained in them")
	case len(q.Includes) > 0:
		return cannot("_include", "search for what they refer to by itself")
	case !newest:
		return cannot("_sort", "the newest come first")
	case q.Total == search.TotalAccurate:
		return cannot("_total", "they are not counted; ask for _total=none")
	case q.Compartment.Type != "" && q.Compartment.Type != "Patient":
		return cannot("compartment", "only that of a patient can be searched")
	}
	return nil
}

func cannot(name, why string) error {
	return fault.At(fault.Invalid, fault.Issue{Code: "not-supported", Text: name + " cannot be asked of AuditEvents: " + why, Expression: "http." + name})
}

// asker puts conditions together.
type asker struct {
	f       audit.Filter
	nothing bool
}

// clause asks for one of its values.
func (a *asker) clause(c search.Clause) error {
	switch {
	case c.Form != search.Compare || !slices.Contains(Params(), c.Code):
		return cannot(c.Name, "they are found by "+strings.Join(Params(), ", "))
	case c.Modifier != search.NoModifier && !(c.Code == "agent" && c.Modifier == search.Identifier) && c.Modifier != search.OfResource:
		return cannot(c.Name, "this modifier is not served")
	case c.Code == "_id" && len(c.Values) > 1:
		return cannot(c.Name, "read each by itself")
	}
	var any []audit.Filter
	for _, v := range c.Values {
		one := asker{}
		if err := one.value(c, v); err != nil {
			return err
		}
		if !one.nothing {
			any = append(any, one.f)
		}
	}
	a.add(any)
	return nil
}

// add asks for one of some filters besides.
func (a *asker) add(any []audit.Filter) {
	switch {
	case len(any) == 0:
		a.nothing = true
	case len(any) > 1:
		a.f.Also = append(a.f.Also, any)
	case any[0].Entry != "" && a.f.Entry != "" && any[0].Entry != a.f.Entry:
		a.nothing = true
	case !a.narrow(any[0]):
		a.f.Also = append(a.f.Also, any)
	}
}

// narrow puts a filter into the one that there is, if no field is asked for two values: of patients, an entry may have both.
func (a *asker) narrow(f audit.Filter) bool {
	g := &a.f
	fields := [][2]*string{{&g.Subject, &f.Subject}, {&g.Action, &f.Action}, {&g.Class, &f.Class}, {&g.Outcome, &f.Outcome}, {&g.Category, &f.Category}, {&g.Session, &f.Session},
		{&g.Subtype, &f.Subtype}, {&g.Entry, &f.Entry}, {&g.Type, &f.Type}, {&g.ID, &f.ID}, {&g.Patient, &f.Patient}}
	for _, x := range fields {
		if *x[0] != "" && *x[1] != "" && *x[0] != *x[1] {
			return false
		}
	}
	for _, x := range fields {
		*x[0] = cmp.Or(*x[0], *x[1])
	}
	g.Unlucky = g.Unlucky || f.Unlucky
	if !f.From.IsZero() && f.From.After(g.From) {
		g.From = f.From
	}
	if !f.To.IsZero() && (g.To.IsZero() || f.To.Before(g.To)) {
		g.To = f.To
	}
	return true
}

func (a *asker) value(c search.Clause, v search.Value) error {
	switch c.Code {
	case "_id":
		a.f.Entry = cmp.Or(v.Code, v.Text)
	case "date", "_lastUpdated":
		return a.date(c.Name, v)
	case "agent":
		a.f.Subject = cmp.Or(v.Code, v.Ref.Text, v.Text)
	case "altid":
		a.f.Session = v.Code
	case "patient":
		a.reference(c, v.Ref, "Patient")
	case "entity":
		a.reference(c, v.Ref, "")
	case "action":
		a.f.Class = v.Code
	case "outcome":
		a.outcome(v.Code)
	case "type":
		a.kind(v.Code)
	case "subtype":
		a.subtype(v.Code)
	}
	return nil
}

// reference asks for a patient whom entries are about, or for what was seen or changed.
func (a *asker) reference(c search.Clause, r fhir.Ref, typ string) {
	typ = cmp.Or(r.Type, c.Target, typ)
	switch {
	case r.ID == "" || typ == "":
		a.nothing = true
	case c.Code == "patient":
		a.f.Patient = r.ID
		a.nothing = a.nothing || typ != "Patient"
	default:
		a.f.Type = typ
		a.f.ID = r.ID
	}
}

func (a *asker) outcome(code string) {
	switch code {
	case "0":
		a.f.Outcome = audit.Success
	case "4":
		a.f.Unlucky = true
	default:
		a.nothing = true
	}
}

// kind asks by AuditEvent.type.
func (a *asker) kind(code string) {
	category, known := map[string]string{"rest": audit.Data, "110114": audit.SignIn, "110137": audit.Administration, "110113": audit.Emergency, "110101": audit.Review}[code]
	a.nothing = a.nothing || !known
	a.f.Category = category
}

// subtype asks by AuditEvent.subtype, which tells some actions apart by what they are of.
func (a *asker) subtype(code string) {
	action, _, _ := strings.Cut(code, "-")
	switch action {
	case "search", "history":
		a.f.Subtype = code
		code = action
	case "operation":
		code = "everything"
	}
	a.f.Action = code
}

// date narrows the time (https://hl7.org/fhir/R4/search.html#date).
func (a *asker) date(name string, v search.Value) error {
	from, to := int64(0), int64(0)
	switch v.Prefix {
	case search.Eq:
		from, to = v.Lo, v.Hi
	case search.Ge:
		from = v.Lo
	case search.Gt, search.Sa:
		from = v.Hi + 1
	case search.Le:
		to = v.Hi
	case search.Lt, search.Eb:
		to = v.Lo - 1
	default:
		return cannot(name, "the prefixes ne and ap are not served")
	}
	if from != 0 {
		a.f.From = time.UnixMicro(from)
	}
	if to != 0 {
		a.f.To = time.UnixMicro(to)
	}
	return nil
}
