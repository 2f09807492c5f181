//! Mounts the page. Nothing else: everything it shows lives in the library, where tests reach it.

use easy_crm_frontend::{App, remove_boot_screen};

fn main() {
    remove_boot_screen();
    leptos::mount::mount_to_body(App);
}
