-- replaces the texts of the catalog that held a forgotten id, as `renamed` says.
update files set path = r.new_text from renamed r where r.old_text = path;
update files set reason = r.new_text from renamed r where r.old_text = reason;
update rejects set path = r.new_text from renamed r where r.old_text = path;
update slices set run_key = r.new_text from renamed r where r.old_text = run_key;
update run_contents set run_key = r.new_text from renamed r where r.old_text = run_key;
update slices set export_group = r.new_text from renamed r where r.old_text = export_group;
update slices set manifest_path = r.new_text from renamed r where r.old_text = manifest_path;
update slices set scope = r.new_text from renamed r where r.old_text = scope;
update slices set export_name = r.new_text from renamed r where r.old_text = export_name;
update deployments set src_file = r.new_text from renamed r where r.old_text = src_file;
update operations set src_file = r.new_text from renamed r where r.old_text = src_file;
update activity set src_file = r.new_text from renamed r where r.old_text = src_file;
update changes set src_file = r.new_text from renamed r where r.old_text = src_file;
update requests set src_file = r.new_text from renamed r where r.old_text = src_file
