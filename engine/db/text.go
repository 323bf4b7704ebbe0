package db

import "strings"

// Dialect is the kind of a database.
type Dialect uint8

// The two databases.
const (
	SQLite Dialect = iota
	Postgres
)

// String is the dialect's name in lower case, as it stands in the names of schema files.
func (d Dialect) String() string {
	if d == Postgres {
		return "postgres"
	}
	return "sqlite"
}

// Text is one statement in two dialects. Placeholders are $1..$n in both.
type Text struct{ SQLite, Postgres string }

// Same is a statement on which both databases agree.
func Same(sql string) Text { return Text{SQLite: sql, Postgres: sql} }

func (t Text) in(d Dialect) string {
	if d == Postgres {
		return t.Postgres
	}
	return t.SQLite
}

// numbered writes $n as ?n, which SQLite numbers as PostgreSQL does ($1 would be a name there). Quoted text, quoted names
// and comments stay as they are.
func numbered(sql string) string {
	var out strings.Builder
	for i := 0; i < len(sql); {
		end := i + 1
		switch c := sql[i]; {
		case c == '\'' || c == '"':
			end = after(sql, i+1, string(c))
		case strings.HasPrefix(sql[i:], "--"):
			end = after(sql, i, "\n")
		case strings.HasPrefix(sql[i:], "/*"):
			end = after(sql, i+2, "*/")
		case c == '$' && end < len(sql) && sql[end] >= '1' && sql[end] <= '9':
			out.WriteByte('?')
			i = end
			continue
		}
		out.WriteString(sql[i:end])
		i = end
	}
	return out.String()
}

// after is the place behind the first mark at or behind from, the end of sql if there is none.
func after(sql string, from int, mark string) int {
	if at := strings.Index(sql[from:], mark); at >= 0 {
		return from + at + len(mark)
	}
	return len(sql)
}

// skipBlank drops white space, semicolons and comments from the front.
func skipBlank(sql string) string {
	for {
		sql = strings.TrimLeft(sql, " \t\r\n\f;")
		switch {
		case strings.HasPrefix(sql, "--"):
			sql = sql[after(sql, 0, "\n"):]
		case strings.HasPrefix(sql, "/*"):
			sql = sql[after(sql, 2, "*/"):]
		default:
			return sql
		}
	}
}

// head is the beginning of a statement on one line, to name it in an error.
func head(sql string) string {
	words := strings.Join(strings.Fields(sql), " ")
	if len(words) > 60 {
		return words[:60] + "..."
	}
	return words
}
