package rest

import (
	"context"
	"net/http"
	"strings"

	"github.com/ficushealth/ficus/engine/operation"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/search"
)

// operationEntry answers an entry of a batch that calls an operation (https://hl7.org/fhir/R4/http.html#other-bundles); false for
// any other entry.
func (c *call) operationEntry(ctx context.Context, e fhir.Entry) (out store.Reply, is bool, err error) {
	path, query, _ := strings.Cut(strings.TrimPrefix(e.Request.URL, "/"), "?")
	in, code, is := calledAt(path)
	if !is {
		return out, false, nil
	}
	o, err := c.s.callable(code, in.Level, in.Type, e.Request.Method)
	if fault.Is(err, fault.NotAllowed) {
		err = fault.At(fault.NotAllowed, fault.Issue{Code: "not-supported", Text: fault.Find(err).Text, Expression: e.Place() + ".request.method"})
	}
	if err != nil {
		return out, true, err
	}
	pairs, err := search.ParseQueryString(query)
	if err != nil {
		return out, true, err
	}
	var sent fhir.Resource
	if e.Request.Method == http.MethodPost && e.Body.Exists() {
		if sent, err = fhir.AsResource(e.Body); err != nil {
			return out, true, err
		}
	}
	in.Handling, in.Base = preferOf(c.r).handling, c.base()
	if in.In, in.Search, err = o.Read(pairs, sent); err != nil {
		return out, true, err
	}
	a, err := c.s.Perform(ctx, c.p, o, in)
	if err != nil {
		return out, true, err
	}
	out, err = replyOf(a, pairs, sent)
	return out, true, err
}

// calledAt reads where an operation is called, and which.
func calledAt(path string) (in operation.Call, code string, is bool) {
	if strings.Contains(path, "://") { // of another server, as the store says
		return in, "", false
	}
	parts := strings.Split(path, "/")
	code, is = strings.CutPrefix(parts[len(parts)-1], "$")
	switch parts = parts[:len(parts)-1]; {
	case len(parts) == 0:
		in.Level = operation.OnSystem
	case len(parts) == 1:
		in.Level, in.Type = operation.OnType, parts[0]
	case len(parts) == 2:
		in.Level, in.Type, in.ID = operation.OnInstance, parts[0], parts[1]
	case len(parts) == 4 && parts[2] == "_history":
		in.Level, in.Type, in.ID, in.Version = operation.OnVersion, parts[0], parts[1], parts[3]
	default:
		is = false
	}
	return in, code, is
}

// replyOf is the reply of an entry. The links of a page hold what the url held; what was posted they must not show.
func replyOf(a operation.Answer, pairs []search.Pair, sent fhir.Resource) (store.Reply, error) {
	if a.Page != nil && a.Page.Next != "" && sent.Exists() {
		return store.Reply{}, fault.At(fault.Invalid, fault.Issue{Code: "too-costly", Text: "the answer has several pages; call the operation by itself, or with GET"})
	}
	out := store.Reply{Answer: a.Body, Page: a.Page}
	if a.Made != nil {
		out.Result = store.Result{Version: *a.Made, Effect: store.Created}
	}
	if a.Page != nil {
		out.Asked = &search.Query{Used: pairs, Cursor: cursorIn(pairs), Summary: a.Part.Summary, Elements: a.Part.Elements}
	}
	return out, nil
}
