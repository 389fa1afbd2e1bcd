-- Who may do what in app: the application reads and writes rows; it makes, empties and drops nothing.

GRANT USAGE ON SCHEMA app TO app_writer;
GRANT SELECT, INSERT, UPDATE, DELETE ON app.person, app.account, app.session, app.inbox TO app_writer;
GRANT SELECT, INSERT ON app.store TO app_writer;
