package raw

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ficushealth/ficus/fhir/r4"
)

// bodies begins every search: the page's bodies from an index table x.
func bodies(table, where string) string {
	return "SELECT r.body FROM " + table + " x JOIN resource r ON r.tenant = x.tenant AND r.rid = x.rid WHERE x.tenant = 1 AND " + where + " LIMIT 20"
}

// search answers the queries of the workloads and no others, each by one range of an index.
func (s *Server) search(r *http.Request) (int, []byte, error) {
	sql, args, ok := s.find(r.PathValue("type"), r.URL.Query())
	if !ok {
		return http.StatusNotFound, nil, nil
	}
	rows, err := s.base.rows(r.Context(), sql, args...)
	if err != nil {
		return 0, nil, err
	}
	body := []byte(`{"resourceType":"Bundle","type":"searchset","entry":[`)
	for i, row := range rows {
		if i > 0 {
			body = append(body, ',')
		}
		b, _ := row[0].([]byte)
		body = append(append(append(body, `{"resource":`...), b...), '}')
	}
	return http.StatusOK, append(body, "]}"...), s.record(r, len(rows))
}

// finder answers one parameter: conditions on an index table x, with their arguments.
type finder func(s *Server, typ, value string) (table, where string, args []any, ok bool)

func finders() map[string]finder {
	return map[string]finder{
		"code": (*Server).code, "date": (*Server).date, "subject": (*Server).subject, "code-value-quantity": (*Server).measured,
		"family": text("family"), "name": text("name"), "address": text("address"),
		"name:contains": inside("name"), "address:contains": inside("address"),
		"value-quantity": amount("value-quantity"), "component-value-quantity": amount("component-value-quantity"), "combo-value-quantity": amount("value-quantity"),
	}
}

func (s *Server) find(typ string, q url.Values) (sql string, args []any, ok bool) {
	for param, find := range finders() {
		if q.Has(param) {
			table, where, args, ok := find(s, typ, q.Get(param))
			return bodies(table, where), args, ok
		}
	}
	return "", nil, false
}

func (s *Server) code(typ, value string) (string, string, []any, bool) {
	_, code, _ := strings.Cut(value, "|")
	where := "x.hash = $1"
	if _, is := s.base.(*pg); is {
		where += " AND (x.hash >> 32)::int4 = ($1 >> 32)::int4"
	}
	return "ix_token", where, []any{s.hasher.TokenCode(typ, "code", code)}, true
}

func text(param string) finder {
	return func(s *Server, typ, value string) (string, string, []any, bool) {
		value = strings.ToLower(value)
		return "ix_string", "x.hash = $1 AND x.value >= $2 AND x.value < $3", []any{s.hasher.Param(typ, param), value, value + "\U0010ffff"}, true
	}
}

func inside(param string) finder {
	return func(s *Server, typ, value string) (string, string, []any, bool) {
		return "ix_string", "x.hash = $1 AND x.value LIKE $2", []any{s.hasher.Param(typ, param), "%" + strings.ToLower(value) + "%"}, true
	}
}

// compare is a range by prefix: of the numbers low and high that a row has, with the bounds $2 and $3 of what is asked for.
func compare(prefix string) string {
	return map[string]string{
		"eq": "x.lo >= $2 AND x.hi <= $3", "ne": "(x.lo < $2 OR x.hi > $3)", "gt": "x.hi > $3", "sa": "x.lo > $3", "lt": "x.lo < $2", "eb": "x.hi < $2", "ge": "x.hi >= $2", "le": "x.lo <= $3",
	}[prefix]
}

func (s *Server) date(typ, value string) (string, string, []any, bool) {
	at, err := time.Parse(time.DateOnly, value[2:])
	return "ix_date", "x.hash = $1 AND " + compare(value[:2]) + both, []any{s.hasher.Param(typ, "date"), at.UnixMicro(), at.AddDate(0, 0, 1).UnixMicro() - 1}, err == nil
}

// both mentions the two bounds for PostgreSQL, which wants to know the type of every argument.
const both = " AND $2 <= $3"

func amount(param string) finder {
	return func(s *Server, typ, value string) (string, string, []any, bool) {
		return s.span(s.hasher.Param(typ, param), value)
	}
}

func (s *Server) span(hash int64, value string) (string, string, []any, bool) {
	parts := strings.Split(value[2:], "|")
	n, err := strconv.ParseFloat(parts[0], 64)
	return "ix_number", "x.hash = $1 AND x.code = $4 AND " + compare(value[:2]) + both, []any{hash, n, n, int64(s.hasher.Unit(parts[len(parts)-1]))}, err == nil
}

// measured is a code with a quantity.
func (s *Server) measured(typ, value string) (string, string, []any, bool) {
	token, quantity, _ := strings.Cut(value, "$")
	system, code, _ := strings.Cut(token, "|")
	return s.span(s.hasher.UnderTokenSystem(typ, "code-value-quantity", system, code), quantity)
}

func (s *Server) subject(typ, value string) (string, string, []any, bool) {
	to, id, _ := strings.Cut(value, "/")
	n, known := r4.ResourceIndex(to)
	return "ix_ref", "x.target = (SELECT t.rid FROM resource t WHERE t.tenant = 1 AND t.type = $2 AND t.id = $3) AND x.hash = $1", []any{s.hasher.Param(typ, "subject"), int64(n), id}, known
}
