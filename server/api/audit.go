package api

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// trail is a page of the audit. Next is the cursor of the next one; without it, this is the last.
type trail struct {
	Items []entry `json:"items"`
	Next  string  `json:"next,omitempty"`
}

// entry is one of the audit.
type entry struct {
	ID        string    `json:"id"`
	At        time.Time `json:"at"`
	User      string    `json:"user"`
	UserName  string    `json:"user_name,omitempty"`
	Client    string    `json:"client,omitempty"`
	SessionID string    `json:"session_id,omitempty"`
	Address   string    `json:"ip_address,omitempty"`
	Agent     string    `json:"user_agent,omitempty"`
	RequestID string    `json:"request_id,omitempty"`
	Action    string    `json:"action"`
	Category  string    `json:"category"`
	Success   bool      `json:"success"`
	Outcome   string    `json:"outcome"`
	Reason    string    `json:"reason,omitempty"`
	Purpose   string    `json:"purpose,omitempty"`
	Resources []thing   `json:"resources,omitempty"`
	Patients  []string  `json:"patients,omitempty"`
	Query     string    `json:"query,omitempty"`
	Detail    string    `json:"detail,omitempty"`
}

type thing struct {
	Type    string `json:"type"`
	ID      string `json:"id,omitempty"`
	Version int    `json:"version,omitempty"`
}

// mostAudit is how many entries a page has at most.
const mostAudit = 100

// filters of the audit, in order.
func filters() []string {
	return []string{"user", "client", "action", "resource", "patient", "category", "date", "from", "to", "success", "limit", "cursor"}
}

func auditOperations() []operation {
	return []operation{
		on(operation{method: "GET", path: "/audit", says: "The audit of the tenant, the newest first", params: filterParams()}, (*call).audit),
		on(operation{method: "GET", path: "/patients/{id}/audit", says: "Who saw or changed what is kept of a patient", params: slices.DeleteFunc(filterParams(), func(p param) bool { return p.name == "patient" })}, (*call).auditOfPatient),
	}
}

// filterParams are the filters, as the document lists them.
func filterParams() (list []param) {
	for _, name := range filters() {
		list = append(list, param{name, ""})
	}
	return list
}

// audit answers GET /audit: entries of the caller's tenant, the newest first.
func (c *call) audit(none) (trail, error) { return c.entries("") }

// auditOfPatient answers GET /patients/{id}/audit: who saw or changed what is kept of a patient.
func (c *call) auditOfPatient(none) (trail, error) {
	id := c.r.PathValue("id")
	if !fhir.IsID(id) {
		return trail{}, fault.New(fault.Unknown, "there is nothing at this address")
	}
	return c.entries(id)
}

func (c *call) entries(patient string) (trail, error) {
	values, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return trail{}, wrong("", "the parameters of the address cannot be read")
	}
	q, err := question(values, patient)
	if err != nil {
		return trail{}, err
	}
	a, err := c.s.Audit(c.ctx, c.p, q)
	if err != nil {
		return trail{}, err
	}
	answer := trail{Items: []entry{}, Next: a.Next}
	for _, f := range a.Entries {
		answer.Items = append(answer.Items, entryOf(f))
	}
	return answer, nil
}

func entryOf(f audit.Found) entry {
	i := entry{
		ID: f.ID, At: f.At, User: f.Subject, UserName: f.Name, Client: f.Client, SessionID: f.Session, Address: f.Address, Agent: f.Agent, RequestID: f.RequestID,
		Action: f.Action, Category: f.Category(), Success: f.Outcome == audit.Success, Outcome: f.Outcome, Reason: f.Reason, Purpose: f.Purpose,
		Patients: f.Patients, Query: f.Query, Detail: f.Detail,
	}
	for _, t := range f.Things {
		i.Resources = append(i.Resources, thing{t.Type, t.ID, t.Version})
	}
	return i
}

func wrong(field, text string) error {
	return fault.At(fault.Invalid, fault.Issue{Code: "value", Text: text, Expression: field})
}

// question reads the filters. Faults: Invalid, which names the parameter.
func question(values url.Values, patient string) (q audit.Question, err error) {
	for name, list := range values {
		switch {
		case !slices.Contains(filters(), name) || name == "patient" && patient != "":
			return q, wrong(name, "there is no such filter here; there are: "+strings.Join(filters(), ", "))
		case len(list) > 1:
			return q, wrong(name, "a filter takes one value")
		}
	}
	q.Count, q.Cursor = mostAudit, values.Get("cursor")
	q.Subject, q.Client, q.Action, q.Category = values.Get("user"), values.Get("client"), values.Get("action"), values.Get("category")
	q.Type, q.ID, _ = strings.Cut(values.Get("resource"), "/")
	if q.Patient = patient; patient == "" {
		q.Patient = strings.TrimPrefix(values.Get("patient"), "Patient/")
	}
	if err := limit(&q, values.Get("limit")); err != nil {
		return q, err
	}
	if err := success(&q, values.Get("success")); err != nil {
		return q, err
	}
	return q, times(&q, values)
}

func limit(q *audit.Question, text string) error {
	if text == "" {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > mostAudit {
		return wrong("limit", "limit is a number from 1 to "+strconv.Itoa(mostAudit))
	}
	q.Count = n
	return nil
}

func success(q *audit.Question, text string) error {
	switch text {
	case "":
	case "true":
		q.Outcome = audit.Success
	case "false":
		q.Unlucky = true
	default:
		return wrong("success", "success is true or false")
	}
	return nil
}

// times reads date (a day), or from and to, each a day or an instant; days are in UTC.
func times(q *audit.Question, values url.Values) error {
	for _, name := range []string{"date", "from", "to"} {
		text := values.Get(name)
		if text == "" {
			continue
		}
		first, last, err := span(text)
		if err != nil {
			return wrong(name, name+" is a day (2026-12-01) or an instant (2026-12-01T08:00:00Z)")
		}
		if name != "to" {
			q.From = first
		}
		if name != "from" {
			q.To = last
		}
	}
	return nil
}

func span(text string) (first, last time.Time, err error) {
	if first, err = time.Parse(time.DateOnly, text); err == nil {
		return first, first.AddDate(0, 0, 1).Add(-time.Microsecond), nil
	}
	first, err = time.Parse(time.RFC3339Nano, text)
	return first, first, err
}
