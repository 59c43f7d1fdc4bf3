-- Schema version 11: files can be blobs.

-- of a blob, what changes with every write of it; NULL: a file of the machine
alter table files add column etag varchar;
