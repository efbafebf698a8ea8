"""A simulation stays as it was found, about the content it was made of; its cases are personal."""

from django.db import migrations

from amparo.journal.migration_operations import AppendOnly, PersonalRows

# The hash that a simulation bears is that of its revision: neither can be changed afterwards.
ABOUT = """
ALTER TABLE public.rulebook_draftrevision
    ADD CONSTRAINT revision_with_its_content UNIQUE (id, content_hash);
ALTER TABLE public.rulebook_simulation
    ADD CONSTRAINT simulated_content_is_the_revisions FOREIGN KEY (revision_id, content_hash)
    REFERENCES public.rulebook_draftrevision (id, content_hash);
"""
ABOUT_NOTHING = """
ALTER TABLE public.rulebook_simulation DROP CONSTRAINT simulated_content_is_the_revisions;
ALTER TABLE public.rulebook_draftrevision DROP CONSTRAINT revision_with_its_content;
"""


class Migration(migrations.Migration):

    dependencies = [("rulebook", "0005_simulations")]

    operations = [
        migrations.RunSQL(ABOUT, ABOUT_NOTHING),
        AppendOnly("rulebook_simulation", "rulebook_simulatedcase"),
        # A case bears no person: whoever may read one person's rows alone is shown none.
        PersonalRows("rulebook_simulatedcase", "NULL::uuid"),
    ]
