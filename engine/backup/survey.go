package backup

import (
	"context"
	"slices"
	"strings"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// survey compares the tables that are there with those that the schemas name.
type survey struct {
	there, known []string
	older        string // a module whose tables are of an older version; empty: none
	copied, left []db.Table
}

// tables are those to be copied. What no schema names is told to the caller.
func (w *writer) tables(ctx context.Context, t db.Tx) (list []db.Table, err error) {
	if w.Modules, err = t.Versions(ctx); err != nil {
		return nil, err
	}
	s := survey{known: []string{"schema_version"}}
	if s.there, err = t.Tables(ctx); err != nil {
		return nil, err
	}
	if err := covers(w.Schemas, w.Modules, "the database"); err != nil {
		return nil, err
	}
	for _, x := range w.Schemas {
		if err := s.take(x, w.Modules[x.Module]); err != nil {
			return nil, err
		}
	}
	for _, table := range s.left {
		w.LeftOut[table.Name] = table.LeftOut
	}
	w.Foreign, err = s.foreign()
	return s.copied, err
}

// covers refuses what a newer program has made.
func covers(schemas []db.Schema, modules map[string]int, what string) error {
	known := map[string]int{}
	for _, s := range schemas {
		latest, err := s.Latest()
		if err != nil {
			return err
		}
		known[s.Module] = latest
	}
	for m, have := range modules {
		if have > known[m] {
			return fault.New(fault.Conflict, "%s is newer than this program: its schema of %s is at %d, the program knows %d; use the version that made it, or a newer one", what, m, have, known[m])
		}
	}
	return nil
}

func (s *survey) take(x db.Schema, have int) error {
	latest, err := x.Latest()
	if err != nil {
		return err
	}
	if have > 0 && have < latest {
		s.older = x.Module
	}
	for _, table := range x.Tables {
		s.known = append(s.known, table.Name)
		switch is := slices.Contains(s.there, table.Name); {
		case !is && have == latest && table.LeftOut == "":
			return fault.New(fault.Internal, "the table %s is missing from the database: restore it from an older backup", table.Name)
		case !is: // a later file makes it, or the other kind of database has it
		case table.LeftOut != "":
			s.left = append(s.left, table)
		default:
			s.copied = append(s.copied, table)
		}
	}
	return nil
}

// foreign are the tables that nobody names. Where tables are of an older version, they may be ones that the program has given up since.
func (s *survey) foreign() (list []string, err error) {
	for _, name := range s.there {
		if !slices.Contains(s.known, name) {
			list = append(list, name)
		}
	}
	if s.older != "" && len(list) > 0 {
		return nil, fault.New(fault.Conflict, "the tables of %s are of an older version, and this one does not know %s: take the backup with the version that serves the database",
			s.older, strings.Join(list, ", "))
	}
	return list, nil
}
