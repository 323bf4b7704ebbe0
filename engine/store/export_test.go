package store

// WithRoom makes the ranges of comparisons short.
func (s *Store) WithRoom(expected, extra int) { s.room = room{expected, extra} }

// LabelWalkDone says how far a walk for labels is.
var LabelWalkDone = labelWalkDone
