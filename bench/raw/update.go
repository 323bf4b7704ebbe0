package raw

import (
	"strings"
	"time"
)

// next are the steps of an update of one indexed field: the version that is there goes to the history, the next one takes
// its place, one index row gives way to another, and the outbox gets its row.
func (s *Server) next(shape *shape, typ string, number int, id string) []step {
	key := []column{{"type", "smallint"}, {"id", "text"}}
	row := []any{s.small(number), id}
	steps := []step{
		s.keep(key, row),
		{
			lite:    "UPDATE resource SET version = version + 1, updated = ?3, body = ?4 WHERE tenant = 1 AND type = ?1 AND id = ?2",
			pg:      "UPDATE resource r SET version = version + 1, updated = k.at, body = k.body FROM unnest($1::smallint[], $2::text[], $3::bigint[], $4::bytea[]) k(type, id, at, body) WHERE r.tenant = 1 AND r.type = k.type AND r.id = k.id",
			columns: append(key[:2:2], column{"updated", "bigint"}, column{"body", "bytea"}),
			rows:    [][]any{append(row[:2:2], time.Now().UnixMicro(), shape.sealed())},
		},
	}
	steps = append(steps, s.moveToken(key, row, typ, id)...)
	for _, t := range shape.steps(0, id) {
		if t.table == "outbox" {
			steps = append(steps, t)
		}
	}
	return steps
}

// keep copies the version that is there to the history.
func (s *Server) keep(key []column, row []any) step {
	into := "INSERT INTO resource_history (" + strings.Join(s.lesson.history, ",") + ") SELECT r." + strings.Join(s.lesson.history, ",r.") + " FROM resource r"
	return step{
		lite:    into + " WHERE r.tenant = 1 AND r.type = ?1 AND r.id = ?2",
		pg:      into + ", unnest($1::smallint[], $2::text[]) k(type, id) WHERE r.tenant = 1 AND r.type = k.type AND r.id = k.id",
		columns: key, rows: [][]any{row},
	}
}

// moveToken changes the row of the status, to and fro.
func (s *Server) moveToken(key []column, row []any, typ, id string) []step {
	was, now := "final", "amended"
	if _, changed := s.changed.LoadAndDelete(id); changed {
		was, now = now, was
	} else {
		s.changed.Store(id, true)
	}
	var names, values []string
	for _, c := range s.lesson.tables["ix_token"] {
		names = append(names, c.name)
		values = append(values, map[bool]string{true: "x." + c.name, false: "?"}[c.name != "hash"])
	}
	into, pick := "ix_token ("+strings.Join(names, ",")+")", strings.Join(values, ",")
	const target = "(SELECT rid FROM resource WHERE tenant = 1 AND type = ?1 AND id = ?2)"
	const keys = "unnest($1::smallint[], $2::text[], $3::bigint[], $4::bigint[]) k(type, id, was, now) JOIN resource r ON r.tenant = 1 AND r.type = k.type AND r.id = k.id"
	columns := append(key[:2:2], column{"was", "bigint"}, column{"now", "bigint"})
	rows := [][]any{append(row[:2:2], s.hasher.TokenCode(typ, "status", was), s.hasher.TokenCode(typ, "status", now))}
	return []step{
		{
			lite:    "INSERT OR IGNORE INTO " + into + " SELECT " + strings.Replace(pick, "?", "?4", 1) + " FROM ix_token x WHERE x.tenant = 1 AND x.hash = ?3 AND x.rid = " + target,
			pg:      "INSERT INTO " + into + " SELECT " + strings.Replace(pick, "?", "k.now", 1) + " FROM " + keys + " JOIN ix_token x ON x.tenant = 1 AND x.hash = k.was AND (x.hash >> 32)::int4 = (k.was >> 32)::int4 AND x.rid = r.rid ON CONFLICT DO NOTHING",
			columns: columns, rows: rows,
		},
		{
			lite:    "DELETE FROM ix_token WHERE tenant = 1 AND hash = ?3 AND rid = " + target + " AND ?4 IS NOT NULL",
			pg:      "DELETE FROM ix_token x USING " + keys + " WHERE x.tenant = 1 AND x.hash = k.was AND (x.hash >> 32)::int4 = (k.was >> 32)::int4 AND x.rid = r.rid AND k.now IS NOT NULL",
			columns: columns, rows: rows,
		},
	}
}

// small is a number as PostgreSQL's smallint wants it.
func (s *Server) small(n int) any {
	if _, is := s.base.(*pg); is {
		return int16(n)
	}
	return int64(n)
}
