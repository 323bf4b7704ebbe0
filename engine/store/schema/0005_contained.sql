-- Resources with smaller numbers may lack the rows that tell what they contain, so a search for contained resources opens each.
INSERT INTO store_counter SELECT 'contained', next FROM store_counter WHERE name = 'rid';
