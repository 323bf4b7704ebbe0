package store

// WithRoom makes the ranges of comparisons short.
func (s *Store) WithRoom(expected, extra int) { s.room = room{expected, extra} }
